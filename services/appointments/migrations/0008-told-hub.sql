-- Whether the hub was told of this appointment last, or is to be; false where it was told to forget it, or nothing of it at all.
ALTER TABLE pre_application ADD COLUMN is_told boolean NOT NULL DEFAULT true;
