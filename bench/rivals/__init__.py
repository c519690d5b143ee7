"""What the product is measured against: the least that Django can do."""
