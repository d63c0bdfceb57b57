ALTER TABLE job ADD COLUMN priority BIGINT DEFAULT '0' NOT NULL;

ALTER TABLE job ADD COLUMN schedule TEXT;

ALTER TABLE job ADD COLUMN grant_json TEXT;

ALTER TABLE job ADD COLUMN usage_json TEXT;

CREATE TABLE lease (
    "key" TEXT NOT NULL,
    resource TEXT NOT NULL,
    holder TEXT NOT NULL,
    kind TEXT NOT NULL,
    amount BIGINT NOT NULL,
    acquired_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    PRIMARY KEY ("key")
) WITHOUT ROWID;

CREATE INDEX ix_lease_holder ON lease (holder);

CREATE TABLE schedule (
    id INTEGER NOT NULL PRIMARY KEY,
    uid TEXT NOT NULL,
    name TEXT NOT NULL,
    cron TEXT NOT NULL,
    timezone TEXT NOT NULL,
    catch_up BOOLEAN NOT NULL,
    keep BIGINT NOT NULL,
    enabled BOOLEAN NOT NULL,
    owner TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    modified_at BIGINT NOT NULL,
    next_at BIGINT,
    last_at BIGINT,
    last_job TEXT,
    last_error TEXT,
    runs BIGINT NOT NULL,
    version BIGINT NOT NULL,
    spec_json TEXT NOT NULL,
    CONSTRAINT uq_schedule_uid UNIQUE (uid),
    CONSTRAINT uq_schedule_name UNIQUE (name)
);
