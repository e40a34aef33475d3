"""What people pass, looked into item by item, as plain values."""
