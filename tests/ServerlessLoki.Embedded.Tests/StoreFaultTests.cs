using System.Globalization;
using Microsoft.Data.Sqlite;
using ServerlessLoki.Serving.Ports;

namespace ServerlessLoki.Embedded.Tests;

/// <summary>Stores that were damaged, lost a file, or have no room.</summary>
public sealed class StoreFaultTests : IDisposable
{
    private readonly TempDirectory _directory = new();

    private string FilePath => Path.Combine(_directory.Path, "loki.db");

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _directory.Dispose();

    [Fact]
    public void Open_ClosedInOrder_SaysNothing()
    {
        SqliteDatabase.Open(_directory.Path).Dispose();

        using var second = SqliteDatabase.Open(_directory.Path);

        Assert.Empty(second.Warnings);
    }

    [Fact]
    public async Task Open_PagesOverwritten_IsRefusedAndUntouched()
    {
        await FillAsync(200);
        var bytes = await File.ReadAllBytesAsync(FilePath, Token);
        new Random(7).NextBytes(bytes.AsSpan(8 * 4096, 4096 * 4));
        await File.WriteAllBytesAsync(FilePath, bytes, Token);

        var refused = Assert.Throws<StoreException>(() => SqliteDatabase.Open(_directory.Path));

        Assert.Contains("is damaged: ", refused.Message, StringComparison.Ordinal);
        Assert.Contains(".recover", refused.Message, StringComparison.Ordinal);
        Assert.Equal(bytes, await File.ReadAllBytesAsync(FilePath, Token));
    }

    [Fact]
    public async Task Check_TakesTooLong_IsBrokenOffAndSaid()
    {
        await FillAsync(200);
        using var connection = new SqliteConnection($"Data Source={FilePath};Pooling=False");
        connection.Open();

        // Over before it begins: broken off at the first look at the clock.
        Assert.Contains("was broken off after", StoreHealth.Check(connection, FilePath, TimeSpan.Zero), StringComparison.Ordinal);
        Assert.Null(StoreHealth.Check(connection, FilePath, TimeSpan.MaxValue));
    }

    [Theory]
    [InlineData("loki.db-wal")]
    [InlineData("loki.db")]
    public async Task Open_FileGoneAfterAnUncleanEnd_IsSaid(string gone)
    {
        await CrashedCopyAsync();
        File.Delete(Path.Combine(_directory.Path, gone));

        using var database = SqliteDatabase.Open(_directory.Path);

        Assert.Contains("did not end in order", Assert.Single(database.Warnings), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Open_FileEmptiedAfterAnUncleanEnd_IsSaid()
    {
        await CrashedCopyAsync();
        await File.WriteAllBytesAsync(FilePath, [], Token);
        File.Delete(FilePath + "-wal");

        using var database = SqliteDatabase.Open(_directory.Path);

        Assert.Contains("gone or empty", Assert.Single(database.Warnings), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Open_UncleanEndWithAllFiles_KeepsEverythingAndSaysNothing()
    {
        await CrashedCopyAsync();

        using var database = SqliteDatabase.Open(_directory.Path);

        Assert.Empty(database.Warnings);
        Assert.Single(await new SqliteStateStore(database).UnfinishedRunsAsync(Token));
    }

    [Fact]
    public async Task Write_DiskFull_IsUnavailableUntilThereIsRoom()
    {
        using var database = SqliteDatabase.Open(_directory.Path);
        var store = new SqliteStateStore(database);
        Assert.Null(store.Fault);
        await LimitAsync(database, 40);

        var refused = await Assert.ThrowsAsync<StoreUnavailableException>(async () => await store.AcceptAsync(SqliteStateStoreTests.Run("big"), new byte[1 << 20], Token));

        Assert.Equal("The store of runs cannot be written: the disk is full.", refused.Message);
        Assert.Equal(refused.Message, store.Fault);
        Assert.Empty(await store.UnfinishedRunsAsync(Token));
        await LimitAsync(database, 1 << 30);
        Assert.NotNull(await store.AcceptAsync(SqliteStateStoreTests.Run("big"), new byte[1 << 20], Token));
        Assert.Null(store.Fault);
    }

    [Fact]
    public async Task Prune_RunsThatEndedLongAgo_FileShrinks()
    {
        using var database = SqliteDatabase.Open(_directory.Path, shrinkEvery: TimeSpan.FromMilliseconds(5));
        var store = new SqliteStateStore(database);
        var noon = new DateTimeOffset(2026, 11, 22, 12, 0, 0, TimeSpan.Zero);
        var result = $"\"{new string('x', 300_000)}\"";
        for (var i = 0; i < 120; i++)
        {
            var id = i.ToString(CultureInfo.InvariantCulture);
            await store.AcceptAsync(SqliteStateStoreTests.Run(id), new byte[100], Token);
            if (i != 7)
                await store.EndRunAsync(id, RunState.Completed, result, noon.AddHours(i), Token);
        }

        var before = database.Read(Pages);
        Assert.Equal(50, await store.PruneRunsAsync(noon.AddHours(100), 50, Token));
        Assert.Equal(49, await store.PruneRunsAsync(noon.AddHours(100), 50, Token));
        Assert.Equal(0, await store.PruneRunsAsync(noon.AddHours(100), 50, Token));

        Assert.Equal(RunState.Accepted, Assert.Single(await store.UnfinishedRunsAsync(Token)).State);
        Assert.Null(await store.FindRunAsync("99", Token));
        Assert.NotNull(await store.FindRunAsync("100", Token));
        while (database.Read(Pages) > before / 2)
            await Task.Delay(5, Token);
        // Closed, nothing is left beside the file.
        database.Dispose();
        Assert.InRange(new FileInfo(FilePath).Length, 1, before / 2 * 4096);
    }

    private static long Pages(SqliteConnection connection) => Scalar(connection, "PRAGMA page_count");

    private static long Scalar(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        return (long)command.ExecuteScalar()!;
    }

    private static async Task LimitAsync(SqliteDatabase database, int pages) => await database.WriteAsync(
        c =>
        {
            SqliteDatabase.Execute(c, $"PRAGMA max_page_count = {pages}");
            return 0;
        },
        Token);

    private async Task FillAsync(int runs)
    {
        using var database = SqliteDatabase.Open(_directory.Path);
        var store = new SqliteStateStore(database);
        for (var i = 0; i < runs; i++)
            await store.AcceptAsync(SqliteStateStoreTests.Run($"{i}"), new byte[2000], Token);
    }

    /// <summary>The folder as a killed process leaves it: files of a store that is open elsewhere, copied.</summary>
    private async Task CrashedCopyAsync()
    {
        using var elsewhere = new TempDirectory();
        using var database = SqliteDatabase.Open(elsewhere.Path);
        await new SqliteStateStore(database).AcceptAsync(SqliteStateStoreTests.Run("a"), new byte[] { 1 }, Token);
        foreach (var file in Directory.GetFiles(elsewhere.Path))
        {
            // The lock's file is held by its owner: what it holds is known.
            var target = Path.Combine(_directory.Path, Path.GetFileName(file));
            if (file.EndsWith(".lock", StringComparison.Ordinal))
                await File.WriteAllTextAsync(target, "open\n", Token);
            else
                File.Copy(file, target);
        }
    }
}
