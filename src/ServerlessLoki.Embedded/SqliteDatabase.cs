using System.Collections.Concurrent;
using Microsoft.Data.Sqlite;

namespace ServerlessLoki.Embedded;

/// <summary>One SQLite file in a data directory that this process alone uses.</summary>
/// <remarks>All writes go through one thread that commits what has come together in one transaction: the wait for the
/// disk is shared, and no writer ever meets a locked database. Reads run beside it (write-ahead log).</remarks>
public sealed class SqliteDatabase : IDisposable
{
    private const int MostPerTransaction = 256;
    private readonly FileStream _lock;
    private readonly SqliteConnection _writer;
    private readonly string _connectionString;
    private readonly BlockingCollection<IWrite> _queue = new(new ConcurrentQueue<IWrite>());
    private readonly Thread _thread;
    private bool _disposed;

    private SqliteDatabase(FileStream @lock, SqliteConnection writer, string connectionString)
    {
        (_lock, _writer, _connectionString) = (@lock, writer, connectionString);
        _thread = new Thread(Write) { IsBackground = true, Name = "loki-store" };
        _thread.Start();
    }

    /// <summary>Opens or creates <c>loki.db</c> in a directory.</summary>
    /// <exception cref="StoreException">Another process uses the directory, or the file is no store of this version.</exception>
    public static SqliteDatabase Open(string directory)
    {
        var full = Path.GetFullPath(directory);
        var path = Path.Combine(full, "loki.db");
        var guard = Lock(full);
        SqliteConnection? writer = null;
        try
        {
            var connectionString = new SqliteConnectionStringBuilder { DataSource = path }.ToString();
            writer = new SqliteConnection(connectionString);
            writer.Open();
            // An accepted run must survive a power cut: each commit waits for the disk.
            Execute(writer, "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;");
            StoreSchema.Apply(writer, path);
            SqlitePayloadStore.DeleteOrphans(writer);
            foreach (var file in (ReadOnlySpan<string>)[path, path + "-wal", path + "-shm", Path.Combine(full, "loki.lock")])
                DataFolder.Narrow(file);
            return new SqliteDatabase(guard, writer, connectionString);
        }
        catch (SqliteException e)
        {
            writer?.Dispose();
            guard.Dispose();
            throw new StoreException($"'{path}' cannot be opened as a store: {e.Message} Choose another data directory or remove the file.", e);
        }
        catch
        {
            writer?.Dispose();
            guard.Dispose();
            throw;
        }
    }

    internal T Read<T>(Func<SqliteConnection, T> read)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        using var connection = new SqliteConnection(_connectionString);
        connection.Open();
        return read(connection);
    }

    /// <summary>Writes; the task completes when the disk has it. Once queued, a write is never abandoned.</summary>
    internal async ValueTask<T> WriteAsync<T>(Func<SqliteConnection, T> write, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var item = new Write<T>(write);
        try
        {
            _queue.Add(item, CancellationToken.None);
        }
        catch (InvalidOperationException e)
        {
            throw new ObjectDisposedException("The store was closed.", e);
        }

        return await item.Task;
    }

    /// <summary>Writes what is queued, then closes.</summary>
    public void Dispose()
    {
        if (_disposed)
            return;
        _disposed = true;
        _queue.CompleteAdding();
        _thread.Join();
        SqliteConnection.ClearPool(_writer);
        _writer.Dispose();
        _queue.Dispose();
        _lock.Dispose();
    }

    internal static void Execute(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }

    private static FileStream Lock(string directory)
    {
        var path = Path.Combine(directory, "loki.lock");
        try
        {
            DataFolder.Create(directory);
            return new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new StoreException(
                $"The data directory '{directory}' cannot be used: {e.Message} If another process serves from it, stop that one or choose another directory.", e);
        }
    }

    private void Write()
    {
        var batch = new List<IWrite>(MostPerTransaction);
        foreach (var first in _queue.GetConsumingEnumerable())
        {
            batch.Add(first);
            while (batch.Count < MostPerTransaction && _queue.TryTake(out var next))
                batch.Add(next);
            if (!TryCommit(batch))
                batch.ForEach(Alone);
            batch.Clear();
        }
    }

    private bool TryCommit(List<IWrite> batch)
    {
        try
        {
            using var transaction = _writer.BeginTransaction();
            foreach (var write in batch)
                write.Apply(_writer);
            transaction.Commit();
        }
        catch (Exception)
        {
            // One of them broke: each runs again alone, so that the others do not pay for it.
            return false;
        }

        batch.ForEach(w => w.Succeed());
        return true;
    }

    private void Alone(IWrite write)
    {
        try
        {
            using var transaction = _writer.BeginTransaction();
            write.Apply(_writer);
            transaction.Commit();
        }
        catch (Exception e)
        {
            write.Fail(e);
            return;
        }

        write.Succeed();
    }
}
