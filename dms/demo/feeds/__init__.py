"""Files to import, as dealers send them: one with every fault that we have met, two that are as they should be."""
