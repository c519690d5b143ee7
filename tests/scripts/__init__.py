"""The tools around the product: a wrong « all is well » from them would hide everything else."""
