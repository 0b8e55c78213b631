"""Reading what people write: plain functions, without the database and without the network."""
