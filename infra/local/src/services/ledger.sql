CREATE TABLE IF NOT EXISTS messages (
    id             INTEGER PRIMARY KEY AUTOINCREMENT,
    queue          TEXT    NOT NULL,
    body           TEXT    NOT NULL,
    attributes     TEXT    NOT NULL,
    sent_at        INTEGER NOT NULL,
    visible_at     INTEGER NOT NULL,
    receive_count  INTEGER NOT NULL DEFAULT 0,
    first_received_at INTEGER,
    source         TEXT,
    reason         TEXT
);
CREATE INDEX IF NOT EXISTS messages_due ON messages (queue, visible_at, id);

CREATE TABLE IF NOT EXISTS deliveries (
    id             INTEGER PRIMARY KEY AUTOINCREMENT,
    origin         TEXT    NOT NULL,
    destination    TEXT    NOT NULL,
    payload        TEXT    NOT NULL,
    policy         TEXT    NOT NULL,
    created_at     INTEGER NOT NULL,
    next_at        INTEGER NOT NULL,
    attempts       INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX IF NOT EXISTS deliveries_due ON deliveries (next_at, id);

CREATE TABLE IF NOT EXISTS schedules (
    grouped        TEXT    NOT NULL,
    name           TEXT    NOT NULL,
    schedule       TEXT    NOT NULL,
    created_at     INTEGER NOT NULL,
    modified_at    INTEGER NOT NULL,
    last_fired     INTEGER,
    PRIMARY KEY (grouped, name)
);

CREATE TABLE IF NOT EXISTS letters (
    id             INTEGER PRIMARY KEY AUTOINCREMENT,
    sent_at        INTEGER NOT NULL,
    letter         TEXT    NOT NULL
);

CREATE TABLE IF NOT EXISTS secrets (
    name           TEXT    NOT NULL,
    version        INTEGER NOT NULL,
    stage          TEXT    NOT NULL,
    value          TEXT    NOT NULL,
    created_at     INTEGER NOT NULL,
    PRIMARY KEY (name, stage)
);

CREATE TABLE IF NOT EXISTS checkpoints (
    reader         TEXT    NOT NULL,
    source         TEXT    NOT NULL,
    sequence       TEXT    NOT NULL,
    PRIMARY KEY (reader, source)
);

CREATE TABLE IF NOT EXISTS counters (
    name           TEXT    PRIMARY KEY,
    value          INTEGER NOT NULL
);
