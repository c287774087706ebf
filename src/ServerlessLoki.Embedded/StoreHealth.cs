using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace ServerlessLoki.Embedded;

/// <summary>Checks of a store at the start.</summary>
internal static class StoreHealth
{
    private const int MostFaults = 5;

    /// <summary>Longest check: a store of some gigabytes must not keep a host from starting.</summary>
    private static readonly TimeSpan MostTime = TimeSpan.FromSeconds(10);

    /// <summary>Returns which files are missing beside a store that was not closed; null when none are.</summary>
    /// <param name="path">File of the store.</param>
    /// <param name="wasOpen">True when the last process did not close it.</param>
    public static string? Missing(string path, bool wasOpen)
    {
        if (!wasOpen)
            return null;
        var file = new FileInfo(path);
        if (!file.Exists || file.Length == 0)
            return $"'{path}' is gone or empty, though the last process used it and did not end in order: the runs and profiles that it held are lost.";
        return File.Exists(path + "-wal")
            ? null
            : $"'{path}-wal' is gone, though the last process did not end in order: what that process wrote last may be lost with it, accepted runs included, unless another program opened the store since.";
    }

    /// <summary>Checks the structure of the whole file.</summary>
    /// <returns>Null, or that the check took too long and was cancelled.</returns>
    /// <exception cref="StoreException">The file is damaged.</exception>
    public static string? Check(SqliteConnection connection, string path) => Check(connection, path, MostTime);

    /// <inheritdoc cref="Check(SqliteConnection, string)" />
    internal static string? Check(SqliteConnection connection, string path, TimeSpan mostTime)
    {
        var faults = new List<string>();
        try
        {
            if (!SqliteDatabase.TryWithin(connection, mostTime, Read))
                return $"'{path}' is large: its check was broken off after {mostTime.TotalSeconds:0.###} s, without a fault until then. Check it whole with: sqlite3 '{path}' 'PRAGMA integrity_check'";
        }
        catch (SqliteException e) when (e.SqliteErrorCode == raw.SQLITE_CORRUPT)
        {
            faults.Add(e.Message);
        }

        void Read(SqliteConnection checkedOne)
        {
            using var command = checkedOne.CreateCommand();
            command.CommandText = $"PRAGMA integrity_check({MostFaults})";
            using var reader = command.ExecuteReader();
            while (reader.Read())
                faults.Add(reader.GetString(0).ReplaceLineEndings(" "));
        }

        return faults is ["ok"]
            ? null
            : throw new StoreException(
                $"'{path}' is damaged: {string.Join("; ", faults)}. Nothing was changed in it. Save what can be read with: sqlite3 '{path}' .recover | sqlite3 new.db; then put new.db in its place, or move the file away to start with an empty store.");
    }
}
