using Microsoft.Data.Sqlite;
using ServerlessLoki.Serving.Ports;

namespace ServerlessLoki.Embedded.Tests;

public sealed class SqliteDatabaseTests : IDisposable
{
    private readonly TempDirectory _directory = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task Open_Again_FindsWhatWasWritten()
    {
        using (var first = SqliteDatabase.Open(_directory.Path))
            await new SqliteStateStore(first).AcceptAsync(SqliteStateStoreTests.Run("a"), new byte[] { 7 }, Token);
        using var second = SqliteDatabase.Open(_directory.Path);
        var run = Assert.Single(await new SqliteStateStore(second).UnfinishedRunsAsync(Token));
        Assert.Equal([7], await new SqlitePayloadStore(second).FindAsync(run.Payload, Token));
    }

    [Fact]
    public async Task Open_AfterACrash_DropsPayloadsThatNoRunHas()
    {
        string kept, orphan, ended;
        using (var first = SqliteDatabase.Open(_directory.Path))
        {
            var store = new SqliteStateStore(first);
            var payloads = new SqlitePayloadStore(first);
            orphan = await payloads.PutAsync(new byte[] { 1 }, Token);
            kept = (await store.AcceptAsync(SqliteStateStoreTests.Run("a"), new byte[] { 2 }, Token))!.Payload;
            ended = (await store.AcceptAsync(SqliteStateStoreTests.Run("b"), new byte[] { 3 }, Token))!.Payload;
            await store.EndRunAsync("b", RunState.Completed, "{}", DateTimeOffset.UnixEpoch, Token);
        }

        using var second = SqliteDatabase.Open(_directory.Path);
        var after = new SqlitePayloadStore(second);
        Assert.Null(await after.FindAsync(orphan, Token));
        Assert.Null(await after.FindAsync(ended, Token));
        Assert.Equal([2], await after.FindAsync(kept, Token));
        Assert.NotEqual(orphan, await after.PutAsync(new byte[] { 4 }, Token));
    }

    [Fact]
    public void Open_UsedByAnother_SaysSo()
    {
        using var first = SqliteDatabase.Open(_directory.Path);
        var refused = Assert.Throws<StoreException>(() => SqliteDatabase.Open(_directory.Path));
        Assert.Contains("another process", refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(99)]
    public void Open_AnotherSchema_IsRefusedAndUntouched(int version)
    {
        SqliteDatabase.Open(_directory.Path).Dispose();
        Raw($"PRAGMA user_version = {version}");
        var refused = Assert.Throws<StoreException>(() => SqliteDatabase.Open(_directory.Path));
        Assert.Contains($"has schema version {version}, this build reads {StoreSchema.Version}", refused.Message, StringComparison.Ordinal);
        Raw($"PRAGMA user_version = {StoreSchema.Version}");
        SqliteDatabase.Open(_directory.Path).Dispose();
    }

    [Fact]
    public void Open_AnotherProgramsDatabase_IsRefused()
    {
        Raw("CREATE TABLE theirs (x)");
        var refused = Assert.Throws<StoreException>(() => SqliteDatabase.Open(_directory.Path));
        Assert.Contains("another program", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Open_NoDatabaseAtAll_IsRefused()
    {
        File.WriteAllBytes(Path.Combine(_directory.Path, "loki.db"), [.. Enumerable.Repeat((byte)'x', 5000)]);
        Assert.Throws<StoreException>(() => SqliteDatabase.Open(_directory.Path));
    }

    [Fact]
    public void Open_DirectoryThatIsAFile_IsRefused()
    {
        var file = Path.Combine(_directory.Path, "file");
        File.WriteAllText(file, "");
        Assert.Throws<StoreException>(() => SqliteDatabase.Open(file));
    }

    [Fact]
    public async Task Write_OneOfManyBreaks_OthersAreStored()
    {
        using var database = SqliteDatabase.Open(_directory.Path);
        var store = new SqliteStateStore(database);
        var good = Enumerable.Range(0, 40).Select(i => store.AddRunAsync(SqliteStateStoreTests.Run($"{i}"), Token).AsTask()).ToList();
        var bad = database.WriteAsync<int>(_ => throw new InvalidOperationException("mine"), Token).AsTask();
        good.AddRange(Enumerable.Range(40, 40).Select(i => store.AddRunAsync(SqliteStateStoreTests.Run($"{i}"), Token).AsTask()));
        Assert.Equal("mine", (await Assert.ThrowsAsync<InvalidOperationException>(() => bad)).Message);
        Assert.All(await Task.WhenAll(good), Assert.True);
        Assert.Equal(80, (await store.UnfinishedRunsAsync(Token)).Count);
    }

    [Fact]
    public async Task Write_AfterDispose_IsRefused()
    {
        var database = SqliteDatabase.Open(_directory.Path);
        database.Dispose();
        await Assert.ThrowsAsync<ObjectDisposedException>(async () => await new SqliteStateStore(database).AddRunAsync(SqliteStateStoreTests.Run("a"), Token));
    }

    private void Raw(string sql)
    {
        using var connection = new SqliteConnection($"Data Source={Path.Combine(_directory.Path, "loki.db")};Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }
}
