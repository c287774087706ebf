using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text;
using Microsoft.Data.Sqlite;
using ServerlessLoki.Serving.Ports;
using SQLitePCL;

namespace ServerlessLoki.Embedded;

/// <summary>SQLite file in a data directory that only this process uses.</summary>
/// <remarks>All writes go through one thread, which commits the queued writes in one transaction: they share the wait for the disk, and no
/// writer ever meets a locked database. Reads run concurrently (write-ahead log).</remarks>
internal sealed class SqliteDatabase : IDisposable
{
    private const int MostPerTransaction = 256;

    /// <summary>Free pages that stay in the file for the next runs, KiB; further ones are returned to the file system.</summary>
    private const int SpareKilobytes = 8 << 10;
    private const int PagesAtOnce = 1000;

    /// <summary>Steps of SQLite's virtual machine between two checks of the time.</summary>
    private const int StepsBetweenLooks = 1000;
    private static readonly TimeSpan ShrinkEvery = TimeSpan.FromSeconds(1);
    private readonly TimeSpan _shrinkEvery;
    private readonly FileStream _lock;
    private readonly SqliteConnection _writer;
    private readonly string _connectionString;
    private readonly BlockingCollection<IWrite> _queue = new(new ConcurrentQueue<IWrite>());
    private readonly Thread _thread;
    private volatile string? _fault;
    private bool _disposed;

    private SqliteDatabase(FileStream @lock, SqliteConnection writer, string connectionString, IReadOnlyList<string> warnings, TimeSpan shrinkEvery)
    {
        (_lock, _writer, _connectionString, Warnings, _shrinkEvery) = (@lock, writer, connectionString, warnings, shrinkEvery);
        _thread = new Thread(Write) { IsBackground = true, Name = "loki-store" };
        _thread.Start();
    }

    /// <summary>Warnings of the start for the user: lost files, a check that took too long.</summary>
    public IReadOnlyList<string> Warnings { get; }

    /// <summary>Cause of the last write's failure, if it was the disk or the file system; null once a write succeeded.</summary>
    public string? Fault => _fault;

    /// <summary>Opens or creates <c>loki.db</c> in a directory.</summary>
    /// <exception cref="StoreException">Another process uses the directory, or the file is damaged or no store of this version.</exception>
    public static SqliteDatabase Open(string directory) => Open(directory, ShrinkEvery);

    /// <inheritdoc cref="Open(string)" />
    internal static SqliteDatabase Open(string directory, TimeSpan shrinkEvery)
    {
        var full = Path.GetFullPath(directory);
        var path = Path.Combine(full, "loki.db");
        var guard = Lock(full);
        SqliteConnection? writer = null;
        try
        {
            List<string?> warnings = [StoreHealth.Missing(path, WasOpen(guard))];
            var connectionString = new SqliteConnectionStringBuilder { DataSource = path }.ToString();
            writer = new SqliteConnection(connectionString);
            writer.Open();
            // Before the first table: room of deleted runs can then be given back piece by piece.
            // An accepted run must survive a power cut: each commit waits for the disk.
            Execute(writer, "PRAGMA auto_vacuum = INCREMENTAL; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;");
            warnings.Add(StoreHealth.Check(writer, path));
            StoreSchema.Apply(writer, path);
            SqlitePayloadStore.DeleteOrphans(writer);
            MarkOpen(guard, isOpen: true);
            foreach (var file in (ReadOnlySpan<string>)[path, path + "-wal", path + "-shm", Path.Combine(full, "loki.lock")])
                DataFolder.Narrow(file);
            return new SqliteDatabase(guard, writer, connectionString, [.. warnings.OfType<string>()], shrinkEvery);
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

    /// <summary>Writes; the task completes when the data are on disk. Once queued, a write is never abandoned.</summary>
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

    /// <summary>Writes the queued data, then closes.</summary>
    public void Dispose()
    {
        if (_disposed)
            return;
        _disposed = true;
        _queue.CompleteAdding();
        _thread.Join();
        SqliteConnection.ClearPool(_writer);
        _writer.Dispose();
        MarkOpen(_lock, isOpen: false);
        _queue.Dispose();
        _lock.Dispose();
    }

    internal static void Execute(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }

    /// <summary>Runs work on a connection with a time limit.</summary>
    /// <returns>False when the work took longer and was cancelled.</returns>
    internal static bool TryWithin(SqliteConnection connection, TimeSpan mostTime, Action<SqliteConnection> work)
    {
        var started = Stopwatch.GetTimestamp();
        raw.sqlite3_progress_handler(connection.Handle, StepsBetweenLooks, _ => Stopwatch.GetElapsedTime(started) >= mostTime ? 1 : 0, null);
        try
        {
            work(connection);
            return true;
        }
        catch (SqliteException e) when (e.SqliteErrorCode == raw.SQLITE_INTERRUPT)
        {
            return false;
        }
        finally
        {
            raw.sqlite3_progress_handler(connection.Handle, 0, null, null);
        }
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

    /// <summary>Tests whether the last process did not close the store: the lock file then still contains a word.</summary>
    private static bool WasOpen(FileStream guard) => guard.Length > 0;

    private static void MarkOpen(FileStream guard, bool isOpen)
    {
        guard.SetLength(0);
        if (isOpen)
            guard.Write(Encoding.ASCII.GetBytes("open\n"));
        guard.Flush(flushToDisk: true);
    }

    private void Write()
    {
        var batch = new List<IWrite>(MostPerTransaction);
        while (!_queue.IsCompleted)
        {
            if (!_queue.TryTake(out var first, _shrinkEvery))
            {
                TryShrink();
                continue;
            }

            batch.Add(first);
            while (batch.Count < MostPerTransaction && _queue.TryTake(out var next))
                batch.Add(next);
            if (!TryCommit(batch))
                batch.ForEach(Alone);
            batch.Clear();
        }
    }

    /// <summary>Returns pages of deleted rows to the file system, some at a time, when no write is queued.</summary>
    private void TryShrink()
    {
        try
        {
            using var command = _writer.CreateCommand();
            command.CommandText = "SELECT (SELECT freelist_count FROM pragma_freelist_count) * (SELECT page_size FROM pragma_page_size) / 1024";
            if ((long)command.ExecuteScalar()! <= SpareKilobytes)
                return;
            Execute(_writer, $"PRAGMA incremental_vacuum({PagesAtOnce}); PRAGMA wal_checkpoint(PASSIVE)");
        }
        catch (SqliteException)
        {
            // Room is a matter of convenience; what is wrong with the file is said by the next write.
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

        _fault = null;
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
        catch (SqliteException e) when (IsForNow(e))
        {
            _fault = $"The store of runs cannot be written: {Words(e)}.";
            write.Fail(new StoreUnavailableException(_fault, e));
            return;
        }
        catch (Exception e)
        {
            write.Fail(e);
            return;
        }

        _fault = null;
        write.Succeed();
    }

    /// <summary>Tests for faults of the disk and the file system: the write itself is valid and can be tried later.</summary>
    private static bool IsForNow(SqliteException e) => e.SqliteErrorCode is
        raw.SQLITE_FULL or raw.SQLITE_IOERR or raw.SQLITE_READONLY or raw.SQLITE_CANTOPEN or raw.SQLITE_BUSY or raw.SQLITE_LOCKED or raw.SQLITE_NOMEM;

    private static string Words(SqliteException e) => e.SqliteErrorCode switch
    {
        raw.SQLITE_FULL => "the disk is full",
        raw.SQLITE_READONLY => "it may only be read",
        raw.SQLITE_CANTOPEN => "its file cannot be opened",
        raw.SQLITE_NOMEM => "there is no memory left",
        raw.SQLITE_BUSY or raw.SQLITE_LOCKED => "another program holds it",
        _ => "the disk gives an error",
    };
}
