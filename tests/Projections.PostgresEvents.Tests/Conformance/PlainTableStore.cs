using Projections.Events;
using Projections.Testing;

namespace Projections.PostgresEvents.Tests.Conformance;

/// <summary>A store whose streams are named by text: a table with the columns of Emmett or of message-db.</summary>
internal sealed class PlainTableStore(TestDatabase database, EventTableMapping mapping, string insert) : EventStoreUnderTest
{
    public static async Task<EventStoreUnderTest> EmmettAsync()
    {
        var database = await PostgresForTests.CreateDatabaseAsync("emmett");
        await database.ExecuteAsync(
            """
            CREATE SEQUENCE emt_global_message_position;
            CREATE TABLE emt_messages (
                stream_id text NOT NULL,
                stream_position bigint NOT NULL,
                partition text NOT NULL DEFAULT 'global',
                message_data jsonb NOT NULL,
                message_metadata jsonb NOT NULL,
                message_type text NOT NULL,
                is_archived boolean NOT NULL DEFAULT false,
                global_position bigint DEFAULT nextval('emt_global_message_position'),
                transaction_id xid8 NOT NULL,
                created timestamptz NOT NULL DEFAULT now(),
                PRIMARY KEY (stream_id, stream_position, partition, is_archived)
            ) PARTITION BY LIST (partition);
            CREATE TABLE emt_messages_global PARTITION OF emt_messages FOR VALUES IN ('global') PARTITION BY LIST (is_archived);
            CREATE TABLE emt_messages_global_active PARTITION OF emt_messages_global FOR VALUES IN (false);
            CREATE TABLE emt_messages_global_archived PARTITION OF emt_messages_global FOR VALUES IN (true);
            """);
        return new PlainTableStore(
            database,
            EventTableMapping.Emmett(),
            """
            INSERT INTO emt_messages (stream_id, stream_position, message_type, message_data, message_metadata, transaction_id)
            SELECT $1, (SELECT coalesce(max(stream_position), 0) FROM emt_messages WHERE stream_id = $1) + ordinality, type, data::jsonb, '{"by": "test"}', pg_current_xact_id()
            FROM unnest($2::text[], $3::text[]) WITH ORDINALITY AS new (type, data)
            """);
    }

    public static async Task<EventStoreUnderTest> MessageDbAsync()
    {
        var database = await PostgresForTests.CreateDatabaseAsync("message_db");
        await database.ExecuteAsync(
            """
            CREATE SCHEMA message_store;
            CREATE TABLE message_store.messages (
                global_position bigserial NOT NULL PRIMARY KEY,
                position bigint NOT NULL,
                time timestamp DEFAULT (now() AT TIME ZONE 'utc') NOT NULL,
                stream_name text NOT NULL,
                type text NOT NULL,
                data jsonb,
                metadata jsonb,
                id uuid NOT NULL DEFAULT gen_random_uuid()
            );
            CREATE UNIQUE INDEX ON message_store.messages (stream_name, position);
            """);
        return new PlainTableStore(
            database,
            EventTableMapping.MessageDb(),
            """
            INSERT INTO message_store.messages (stream_name, position, type, data, metadata)
            SELECT $1, (SELECT coalesce(max(position), -1) FROM message_store.messages WHERE stream_name = $1) + ordinality, type, data::jsonb, '{"by": "test"}'
            FROM unnest($2::text[], $3::text[]) WITH ORDINALITY AS new (type, data)
            """);
    }

    public override async Task<IEventSource> OpenAsync() => await PostgresEventSource.OpenAsync(database.DataSource, mapping);

    public override StreamId StreamOf(string category, int number) => new($"{category}-{number}");

    public override async Task AppendAsync(string category, int number, params IReadOnlyList<(string Type, string Json)> events)
    {
        await using var command = database.DataSource.CreateCommand(insert);
        command.Parameters.Add(new() { Value = StreamOf(category, number).Text });
        command.Parameters.Add(new() { Value = events.Select(appended => appended.Type).ToArray() });
        command.Parameters.Add(new() { Value = events.Select(appended => appended.Json).ToArray() });
        await command.ExecuteNonQueryAsync();
    }

    public override ValueTask DisposeAsync() => database.DisposeAsync();
}
