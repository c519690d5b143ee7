"""Pictures of cars for the demo, drawn by ourselves: no photo of anybody's, and none that shows a real make."""
