using System.Globalization;
using System.Text.Json;
using Microsoft.Data.Sqlite;
using Microsoft.DurableTask;
using Microsoft.DurableTask.Client;

namespace Microsoft.Azure.Functions.Worker.Hosting;

/// <summary>The task hub in one SQLite file: instances, their histories, events on their way to them, and activities that are to run.</summary>
/// <remarks>A turn is one transaction, so a host that is killed goes on from the last one; an activity may run twice then.</remarks>
internal sealed class TaskHub : IDisposable
{
    private const string Schema = """
        PRAGMA journal_mode = WAL;
        PRAGMA synchronous = NORMAL;
        CREATE TABLE IF NOT EXISTS instance (id TEXT PRIMARY KEY, name TEXT NOT NULL, version TEXT NOT NULL, status INTEGER NOT NULL,
            created INTEGER NOT NULL, updated INTEGER NOT NULL, input TEXT, output TEXT, custom TEXT, failure TEXT);
        CREATE TABLE IF NOT EXISTS history (instance TEXT NOT NULL, seq INTEGER NOT NULL, body TEXT NOT NULL, PRIMARY KEY (instance, seq)) WITHOUT ROWID;
        CREATE TABLE IF NOT EXISTS inbox (key INTEGER PRIMARY KEY AUTOINCREMENT, instance TEXT NOT NULL, visible INTEGER NOT NULL, body TEXT NOT NULL);
        CREATE INDEX IF NOT EXISTS inbox_visible ON inbox (visible);
        CREATE TABLE IF NOT EXISTS activity (key INTEGER PRIMARY KEY AUTOINCREMENT, instance TEXT NOT NULL, task INTEGER NOT NULL, name TEXT NOT NULL, input TEXT);
        """;

    private readonly SqliteConnection _connection;
    private readonly Lock _gate = new();

    public TaskHub(string path)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        _connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = path, Pooling = false }.ToString());
        _connection.Open();
        Execute(Schema);
    }

    /// <summary>Called after something became due, or will.</summary>
    public event Action? Changed;

    /// <summary>Adds an instance. False if one of that id has not ended.</summary>
    public bool Create(InstanceRow row, DateTime visible)
    {
        var added = InTransaction(() =>
        {
            if (Find(row.Id) is { HasEnded: false })
                return false;
            Delete(row.Id);
            Execute(
                "INSERT INTO instance VALUES ($0, $1, $2, $3, $4, $5, $6, NULL, NULL, NULL)",
                row.Id, row.Name, row.Version, (long)row.Status, row.Created.Ticks, row.Updated.Ticks, row.Input);
            Send(row.Id, new HistoryEvent(HistoryKind.ExecutionStarted, visible), visible);
            return true;
        });
        Changed?.Invoke();
        return added;
    }

    /// <summary>Sends an event to an instance. False if there is none or it has ended.</summary>
    public bool Post(string instance, HistoryEvent e)
    {
        var sent = InTransaction(() =>
        {
            if (Find(instance) is not { HasEnded: false })
                return false;
            Send(instance, e, e.At);
            return true;
        });
        Changed?.Invoke();
        return sent;
    }

    /// <summary>Removes an ended instance.</summary>
    public bool Purge(string instance) => InTransaction(() =>
    {
        if (Find(instance) is not { HasEnded: true })
            return false;
        Delete(instance);
        return true;
    });

    public InstanceRow? Find(string instance)
    {
        lock (_gate)
            return Query("SELECT * FROM instance WHERE id = $0", Row, instance).FirstOrDefault();
    }

    public IReadOnlyList<InstanceRow> List()
    {
        lock (_gate)
            return Query("SELECT * FROM instance ORDER BY created, id", Row);
    }

    /// <summary>Instances with events that are due.</summary>
    public IReadOnlyList<string> Due(DateTime now)
    {
        lock (_gate)
            return Query("SELECT DISTINCT instance FROM inbox WHERE visible <= $0", r => r.GetString(0), now.Ticks);
    }

    /// <summary>When the next event becomes due; null if none waits.</summary>
    public DateTime? NextDue()
    {
        lock (_gate)
            return Query("SELECT MIN(visible) FROM inbox", r => r.IsDBNull(0) ? default(DateTime?) : new DateTime(r.GetInt64(0), DateTimeKind.Utc))[0];
    }

    public IReadOnlyList<ActivityRow> Activities()
    {
        lock (_gate)
        {
            return Query(
                "SELECT * FROM activity ORDER BY key",
                r => new ActivityRow(r.GetInt64(0), r.GetString(1), r.GetInt32(2), r.GetString(3), Text(r, 4)));
        }
    }

    public (IReadOnlyList<HistoryEvent> History, IReadOnlyList<(long Key, HistoryEvent Event)> Incoming) Load(string instance, DateTime now)
    {
        lock (_gate)
        {
            return (
                Query("SELECT body FROM history WHERE instance = $0 ORDER BY seq", r => Read<HistoryEvent>(r.GetString(0)), instance),
                Query("SELECT key, body FROM inbox WHERE instance = $0 AND visible <= $1 ORDER BY visible, key", r => (r.GetInt64(0), Read<HistoryEvent>(r.GetString(1))), instance, now.Ticks));
        }
    }

    /// <summary>Stores a turn: what the history grew by, what was decided, and where the instance stands now.</summary>
    public void Commit(InstanceRow row, int from, IReadOnlyList<HistoryEvent> added, IEnumerable<long> consumed)
    {
        InTransaction(() =>
        {
            foreach (var key in consumed)
                Execute("DELETE FROM inbox WHERE key = $0", key);
            for (var i = 0; i < added.Count; i++)
                Execute("INSERT INTO history VALUES ($0, $1, $2)", row.Id, (long)(from + i), Write(added[i]));
            Execute(
                "UPDATE instance SET status = $1, updated = $2, output = $3, custom = $4, failure = $5 WHERE id = $0",
                row.Id, (long)row.Status, row.Updated.Ticks, row.Output, row.CustomStatus, row.Failure is null ? null : Write(row.Failure));
            if (row.HasEnded)
            {
                Execute("DELETE FROM inbox WHERE instance = $0", row.Id);
                Execute("DELETE FROM activity WHERE instance = $0", row.Id);
                return true;
            }

            foreach (var e in added)
            {
                if (e.Kind == HistoryKind.TaskScheduled)
                    Execute("INSERT INTO activity (instance, task, name, input) VALUES ($0, $1, $2, $3)", row.Id, (long)e.Id, e.Name, e.Data);
                else if (e.Kind == HistoryKind.TimerCreated)
                    Send(row.Id, new HistoryEvent(HistoryKind.TimerFired, e.At, e.Id), e.At);
            }

            return true;
        });
        Changed?.Invoke();
    }

    /// <summary>Takes an activity's result to its instance, once.</summary>
    public void Complete(ActivityRow activity, HistoryEvent result)
    {
        InTransaction(() =>
        {
            if (Execute("DELETE FROM activity WHERE key = $0", activity.Key) == 1)
                Send(activity.Instance, result, result.At);
            return true;
        });
        Changed?.Invoke();
    }

    public void Dispose() => _connection.Dispose();

    private void Send(string instance, HistoryEvent e, DateTime visible) =>
        Execute("INSERT INTO inbox (instance, visible, body) VALUES ($0, $1, $2)", instance, visible.Ticks, Write(e));

    private void Delete(string instance)
    {
        foreach (var table in (ReadOnlySpan<string>)["history", "inbox", "activity"])
            Execute($"DELETE FROM {table} WHERE instance = $0", instance);
        Execute("DELETE FROM instance WHERE id = $0", instance);
    }

    private static InstanceRow Row(SqliteDataReader r) => new(
        r.GetString(0), r.GetString(1), r.GetString(2), (OrchestrationRuntimeStatus)r.GetInt32(3),
        new DateTime(r.GetInt64(4), DateTimeKind.Utc), new DateTime(r.GetInt64(5), DateTimeKind.Utc))
    {
        Input = Text(r, 6),
        Output = Text(r, 7),
        CustomStatus = Text(r, 8),
        Failure = Text(r, 9) is { } failure ? Read<TaskFailureDetails>(failure) : null,
    };

    private static string? Text(SqliteDataReader r, int column) => r.IsDBNull(column) ? null : r.GetString(column);

    private static string Write<T>(T value) => JsonSerializer.Serialize(value, JsonConverterOfWorker.Options);

    private static T Read<T>(string json) => JsonSerializer.Deserialize<T>(json, JsonConverterOfWorker.Options)!;

    private T InTransaction<T>(Func<T> work)
    {
        lock (_gate)
        {
            Execute("BEGIN IMMEDIATE");
            try
            {
                var result = work();
                Execute("COMMIT");
                return result;
            }
            catch
            {
                Execute("ROLLBACK");
                throw;
            }
        }
    }

    private int Execute(string sql, params object?[] values)
    {
        using var command = Command(sql, values);
        return command.ExecuteNonQuery();
    }

    private List<T> Query<T>(string sql, Func<SqliteDataReader, T> read, params object?[] values)
    {
        using var command = Command(sql, values);
        using var reader = command.ExecuteReader();
        List<T> rows = [];
        while (reader.Read())
            rows.Add(read(reader));
        return rows;
    }

    private SqliteCommand Command(string sql, object?[] values)
    {
        var command = _connection.CreateCommand();
        command.CommandText = sql;
        for (var i = 0; i < values.Length; i++)
            command.Parameters.AddWithValue("$" + i.ToString(CultureInfo.InvariantCulture), values[i] ?? DBNull.Value);
        return command;
    }
}
