-- With what a provider of identities is asked again whether a person is still who she was, and when: a refresh token that
-- is enciphered under the session's cookie, which stands nowhere here. Empty for every other session.
ALTER TABLE access_session ADD COLUMN renewal BYTEA;
ALTER TABLE access_session ADD COLUMN ask_at  BIGINT;
