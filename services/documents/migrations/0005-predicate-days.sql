-- Counts of predicates are deleted by day, once that day is over.
CREATE INDEX predicate_use_day ON predicate_use (day);
