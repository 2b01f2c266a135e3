-- Nothing was ever put into this queue: messages and write-backs have marks and leases of their own.
DROP TABLE job;
