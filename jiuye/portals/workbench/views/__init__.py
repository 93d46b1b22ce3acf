"""The pages of the policy workbench, each one domain call with its answer as components."""
