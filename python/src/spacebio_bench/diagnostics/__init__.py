"""What a reader asks beside the tasks: which samples look odd, what the models look at."""
