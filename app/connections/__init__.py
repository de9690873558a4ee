"""Named services, each as one SDK client."""
