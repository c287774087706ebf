using System.Globalization;
using Microsoft.Data.Sqlite;
using ServerlessLoki.Serving.Ports;

namespace ServerlessLoki.Embedded;

/// <summary>State store of runs and documents on SQLite. Leases are in memory: they guard slots of this process, and end with it.</summary>
/// <param name="database">Database; not owned.</param>
internal sealed class SqliteStateStore(SqliteDatabase database) : IStateStore, IRunIntake, IRunKeeper
{
    private const string Columns = "id, pipeline, state, payload, parameters, result, created, ended, seq";
    private readonly MemoryLeases _leases = new();

    /// <inheritdoc />
    public ValueTask<RunRecord?> AcceptAsync(RunRecord run, ReadOnlyMemory<byte> payload, CancellationToken cancellationToken) =>
        database.WriteAsync(
            c =>
            {
                if (Exists(c, run.Id))
                    return null;
                var stored = run with { Payload = SqlitePayloadStore.Put(c, payload) };
                return Insert(c, stored) ? stored : null;
            },
            cancellationToken);

    /// <inheritdoc />
    public ValueTask<bool> AddRunAsync(RunRecord run, CancellationToken cancellationToken) =>
        database.WriteAsync(c => Insert(c, run), cancellationToken);

    /// <inheritdoc />
    public ValueTask<RunRecord?> FindRunAsync(string id, CancellationToken cancellationToken) => ValueTask.FromResult(database.Read(c =>
    {
        using var command = Command(c, $"SELECT {Columns} FROM runs WHERE id = $id", ("$id", id));
        using var reader = command.ExecuteReader();
        return reader.Read() ? Run(reader) : null;
    }));

    /// <inheritdoc />
    public ValueTask<RunPage> ListRunsAsync(int size, string? after, RunState? state, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(size, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(size, 1000);
        var before = after is null ? long.MaxValue : long.Parse(after, NumberStyles.None, CultureInfo.InvariantCulture);
        return ValueTask.FromResult(database.Read(c =>
        {
            using var command = Command(
                c,
                $"SELECT {Columns} FROM runs WHERE seq < $before {(state is null ? "" : "AND state = $state")} ORDER BY seq DESC LIMIT $size",
                ("$before", before), ("$size", size + 1), ("$state", (int)(state ?? RunState.Accepted)));
            using var reader = command.ExecuteReader();
            var runs = new List<RunRecord>(size);
            long last = 0;
            while (reader.Read())
            {
                if (runs.Count == size)
                    return new RunPage(runs, last.ToString(CultureInfo.InvariantCulture));
                runs.Add(Run(reader));
                last = reader.GetInt64(8);
            }

            return new RunPage(runs, null);
        }));
    }

    /// <inheritdoc />
    public ValueTask<IReadOnlyList<RunRecord>> UnfinishedRunsAsync(CancellationToken cancellationToken) => ValueTask.FromResult(database.Read(c =>
    {
        using var command = Command(c, $"SELECT {Columns} FROM runs WHERE state = 0 ORDER BY seq");
        using var reader = command.ExecuteReader();
        var runs = new List<RunRecord>();
        while (reader.Read())
            runs.Add(Run(reader));
        return (IReadOnlyList<RunRecord>)runs;
    }));

    /// <inheritdoc />
    public ValueTask<int> CountUnfinishedRunsAsync(int most, CancellationToken cancellationToken) => ValueTask.FromResult(database.Read(c =>
    {
        using var command = Command(c, "SELECT COUNT(*) FROM (SELECT 1 FROM runs WHERE state = 0 LIMIT $most)", ("$most", most));
        return (int)(long)command.ExecuteScalar()!;
    }));

    /// <inheritdoc />
    public ValueTask<bool> EndRunAsync(string id, RunState state, string? result, DateTimeOffset ended, CancellationToken cancellationToken)
    {
        if (state == RunState.Accepted)
            throw new ArgumentException("A run ends as completed, failed or cancelled.", nameof(state));
        return database.WriteAsync(
            c => Execute(
                c, "UPDATE runs SET state = $state, result = $result, ended = $ended WHERE id = $id AND state = 0",
                ("$id", id), ("$state", (int)state), ("$result", result), ("$ended", ended.UtcTicks)) == 1,
            cancellationToken);
    }

    /// <inheritdoc />
    public ValueTask<bool> DeleteRunAsync(string id, CancellationToken cancellationToken) => database.WriteAsync(
        c => Execute(c, "DELETE FROM runs WHERE id = $id AND state <> 0", ("$id", id)) == 1, cancellationToken);

    /// <inheritdoc />
    public string? Fault => database.Fault;

    /// <inheritdoc />
    public ValueTask<int> PruneRunsAsync(DateTimeOffset endedBefore, int most, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(most, 1);
        return database.WriteAsync(
            c => Execute(
                c, "DELETE FROM runs WHERE seq IN (SELECT seq FROM runs WHERE state <> 0 AND ended < $before ORDER BY ended LIMIT $most)",
                ("$before", endedBefore.UtcTicks), ("$most", most)),
            cancellationToken);
    }

    /// <inheritdoc />
    public async ValueTask PutDocumentAsync(string name, string json, CancellationToken cancellationToken) => await database.WriteAsync(
        c => Execute(
            c, "INSERT INTO documents (name, json) VALUES ($name, $json) ON CONFLICT (name) DO UPDATE SET json = excluded.json, version = version + 1",
            ("$name", name), ("$json", json)),
        cancellationToken);

    /// <inheritdoc />
    public ValueTask<string?> FindDocumentAsync(string name, CancellationToken cancellationToken) => ValueTask.FromResult(database.Read(c =>
    {
        using var command = Command(c, "SELECT json FROM documents WHERE name = $name", ("$name", name));
        return (string?)command.ExecuteScalar();
    }));

    /// <inheritdoc />
    public ValueTask<StoredDocument?> ReadDocumentAsync(string name, CancellationToken cancellationToken) => ValueTask.FromResult(database.Read(c =>
    {
        using var command = Command(c, "SELECT json, version FROM documents WHERE name = $name", ("$name", name));
        using var reader = command.ExecuteReader();
        return reader.Read() ? new StoredDocument(reader.GetString(0), Version(reader.GetInt64(1))) : null;
    }));

    /// <inheritdoc />
    public ValueTask<string?> ReplaceDocumentAsync(string name, string json, string? expectedVersion, CancellationToken cancellationToken)
    {
        // A version that is no number is not ours: nothing has it.
        var expected = expectedVersion is null ? 0
            : long.TryParse(expectedVersion, NumberStyles.None, CultureInfo.InvariantCulture, out var known) ? known : -1;
        return database.WriteAsync(
            c => Execute(
                c,
                expectedVersion is null
                    ? "INSERT INTO documents (name, json) VALUES ($name, $json) ON CONFLICT (name) DO NOTHING"
                    : "UPDATE documents SET json = $json, version = version + 1 WHERE name = $name AND version = $version",
                ("$name", name), ("$json", json), ("$version", expected)) == 1
                ? Version(expected + 1)
                : null,
            cancellationToken);
    }

    /// <inheritdoc />
    public async ValueTask AddSampleAsync(string series, string source, DateTimeOffset second, string json, CancellationToken cancellationToken) =>
        await database.WriteAsync(
            c => Execute(
                c,
                """
                INSERT INTO samples (series, second, source, json) VALUES ($series, $second, $source, $json)
                ON CONFLICT (series, second, source) DO UPDATE SET json = excluded.json
                """,
                ("$series", series), ("$second", second.ToUnixTimeSeconds()), ("$source", source), ("$json", json)),
            cancellationToken);

    /// <inheritdoc />
    public ValueTask<IReadOnlyList<StoredSample>> SamplesAsync(string series, DateTimeOffset since, CancellationToken cancellationToken) =>
        ValueTask.FromResult(database.Read(c =>
        {
            using var command = Command(
                c, "SELECT source, second, json FROM samples WHERE series = $series AND second >= $since ORDER BY second, source",
                ("$series", series), ("$since", CeilingSeconds(since)));
            using var reader = command.ExecuteReader();
            var samples = new List<StoredSample>();
            while (reader.Read())
                samples.Add(new StoredSample(reader.GetString(0), DateTimeOffset.FromUnixTimeSeconds(reader.GetInt64(1)), reader.GetString(2)));
            return (IReadOnlyList<StoredSample>)samples;
        }));

    /// <inheritdoc />
    public async ValueTask PruneSamplesAsync(string series, DateTimeOffset before, CancellationToken cancellationToken) => await database.WriteAsync(
        c => Execute(
            c, "DELETE FROM samples WHERE series = $series AND second < $before", ("$series", series), ("$before", CeilingSeconds(before))),
        cancellationToken);

    /// <inheritdoc />
    public ValueTask<IReadOnlyList<PlaceLease>> LeasesAsync(string prefix, DateTimeOffset now, CancellationToken cancellationToken) =>
        ValueTask.FromResult(_leases.Held(prefix, now));

    /// <inheritdoc />
    public ValueTask<bool> ClaimAsync(
        string place, string owner, DateTimeOffset now, TimeSpan duration, CancellationToken cancellationToken) =>
        ValueTask.FromResult(_leases.Claim(place, owner, now, duration));

    /// <inheritdoc />
    public ValueTask ReleaseAsync(string place, string owner, CancellationToken cancellationToken)
    {
        _leases.Release(place, owner);
        return ValueTask.CompletedTask;
    }

    private static string Version(long number) => number.ToString(CultureInfo.InvariantCulture);

    private static long CeilingSeconds(DateTimeOffset time)
    {
        var seconds = time.ToUnixTimeSeconds();
        return DateTimeOffset.FromUnixTimeSeconds(seconds) < time ? seconds + 1 : seconds;
    }

    private static bool Exists(SqliteConnection connection, string id)
    {
        using var command = Command(connection, "SELECT 1 FROM runs WHERE id = $id", ("$id", id));
        return command.ExecuteScalar() is not null;
    }

    private static bool Insert(SqliteConnection connection, RunRecord run) => Execute(
        connection,
        """
        INSERT INTO runs (id, pipeline, state, payload, parameters, result, created, ended)
        VALUES ($id, $pipeline, $state, $payload, $parameters, $result, $created, $ended) ON CONFLICT (id) DO NOTHING
        """,
        ("$id", run.Id), ("$pipeline", run.Pipeline), ("$state", (int)run.State), ("$payload", run.Payload),
        ("$parameters", run.Parameters), ("$result", run.Result), ("$created", run.Created.UtcTicks), ("$ended", run.Ended?.UtcTicks)) == 1;

    private static RunRecord Run(SqliteDataReader reader) => new()
    {
        Id = reader.GetString(0),
        Pipeline = reader.GetString(1),
        State = (RunState)reader.GetInt32(2),
        Payload = reader.GetString(3),
        Parameters = reader.GetString(4),
        Result = reader.IsDBNull(5) ? null : reader.GetString(5),
        Created = new DateTimeOffset(reader.GetInt64(6), TimeSpan.Zero),
        Ended = reader.IsDBNull(7) ? null : new DateTimeOffset(reader.GetInt64(7), TimeSpan.Zero),
    };

    private static int Execute(SqliteConnection connection, string sql, params (string Name, object? Value)[] parameters)
    {
        using var command = Command(connection, sql, parameters);
        return command.ExecuteNonQuery();
    }

    private static SqliteCommand Command(SqliteConnection connection, string sql, params (string Name, object? Value)[] parameters)
    {
        var command = connection.CreateCommand();
        command.CommandText = sql;
        foreach (var (name, value) in parameters)
            command.Parameters.AddWithValue(name, value ?? DBNull.Value);
        return command;
    }
}
