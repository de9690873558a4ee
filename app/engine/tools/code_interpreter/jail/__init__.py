"""What runs in the sandbox's own Python: the fork server, the jail's layers, the kernel; standard library only."""
