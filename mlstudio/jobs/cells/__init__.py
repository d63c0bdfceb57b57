"""A notebook cell that runs as a job: its source, the variables that go along, those that come back."""
