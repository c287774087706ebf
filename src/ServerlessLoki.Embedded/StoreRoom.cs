using System.Globalization;
using Microsoft.Data.Sqlite;

namespace ServerlessLoki.Embedded;

/// <summary>Room in the store's file that deleted rows left.</summary>
internal static class StoreRoom
{
    /// <summary>The mode that gives room back piece by piece. A file that was made without it must be rewritten once.</summary>
    private const long Incremental = 2;

    /// <summary>Most live bytes that are rewritten while a host starts: seconds on any disk.</summary>
    private const long MostBytes = 256 << 20;

    /// <summary>Least part of a file that must be free before it is rewritten.</summary>
    private const double LeastFree = 0.25;
    private static readonly TimeSpan MostTime = TimeSpan.FromSeconds(10);

    /// <summary>Rewrites a file of an early build once, if much of it is free. It shrinks then; later it shrinks by itself.</summary>
    /// <param name="connection">The only one.</param>
    /// <param name="path">The file.</param>
    /// <returns>Null, or why it stays as large as it is.</returns>
    public static string? Reclaim(SqliteConnection connection, string path) => Reclaim(connection, path, MostBytes, MostTime);

    /// <inheritdoc cref="Reclaim(SqliteConnection, string)" />
    internal static string? Reclaim(SqliteConnection connection, string path, long mostBytes, TimeSpan mostTime)
    {
        if (Pragma(connection, "auto_vacuum") == Incremental)
            return null;
        var (pages, free, size) = (Pragma(connection, "page_count"), Pragma(connection, "freelist_count"), Pragma(connection, "page_size"));
        if (free * size <= SqliteDatabase.SpareKilobytes << 10 || free < LeastFree * pages)
            return null;
        var live = (pages - free) * size;
        if (live > mostBytes)
            return Stays($"{live >> 20} MB are in use, more than a start has time to copy");
        try
        {
            return SqliteDatabase.TryWithin(
                connection, mostTime, c => SqliteDatabase.Execute(c, "PRAGMA auto_vacuum = INCREMENTAL; VACUUM; PRAGMA wal_checkpoint(TRUNCATE);"))
                ? null
                : Stays($"copying what is in use took longer than {mostTime.TotalSeconds:0.###} s");
        }
        catch (SqliteException e)
        {
            // The file is as it was.
            return Stays($"copying what is in use failed: {e.Message}");
        }

        string Stays(string why) =>
            $"'{path}' has {(free * size) >> 20} MB of free room and keeps them, because {why}. Stop the host and shrink it with: sqlite3 '{path}' 'PRAGMA auto_vacuum=2; VACUUM'";
    }

    private static long Pragma(SqliteConnection connection, string name)
    {
        using var command = connection.CreateCommand();
        command.CommandText = "PRAGMA " + name;
        return Convert.ToInt64(command.ExecuteScalar(), CultureInfo.InvariantCulture);
    }
}
