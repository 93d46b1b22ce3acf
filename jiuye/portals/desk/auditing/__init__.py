"""What officers did beside their cases, for whoever audits them."""
