-- How the answer is to be given: the most private that a rule demanded; none has.
ALTER TABLE conversation ADD COLUMN answer_visibility TEXT;
