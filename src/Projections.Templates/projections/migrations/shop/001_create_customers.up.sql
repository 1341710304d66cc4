-- An ordinary table of the service. 'dotnet run -- migrate check' says what each migration does to readers and writers.
CREATE TABLE customers (
    id      bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name    text NOT NULL
);
