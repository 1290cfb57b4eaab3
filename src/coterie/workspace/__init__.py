"""What a shop keeps: its datasets, segmentations, people and jobs, in one folder."""
