using Azure;
using Azure.Data.Tables;
using Azure.Data.Tables.Models;
using ServerlessLoki.StandIns.Tests.Azurite;

namespace ServerlessLoki.StandIns.Tests.Tables;

public sealed class TableClientTests(AzuriteFixture azurite) : IAsyncLifetime
{
    // A quote, the characters that addresses reserve, and letters beyond ASCII.
    private const string Strange = "it's 100% & a+b=c, größe?";
    private TableClient _table = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _table = new TableServiceClient(await azurite.ConnectionStringAsync()).GetTableClient(AzuriteFixture.UniqueName());
        await _table.CreateIfNotExistsAsync(Token);
    }

    public async ValueTask DisposeAsync()
    {
        if (_table is not null)
            await _table.DeleteAsync(Token);
    }

    [Fact]
    public async Task CreateIfNotExists_Twice_IsNoError()
    {
        Assert.Equal(_table.Name, (await _table.CreateIfNotExistsAsync(Token)).Value.Name);
        Assert.Equal(409, (await _table.CreateIfNotExistsAsync(Token)).GetRawResponse().Status);
    }

    [Fact]
    public async Task Add_EachType_IsReadAsWritten()
    {
        var time = new DateTimeOffset(2026, 11, 22, 10, 11, 12, 345, TimeSpan.Zero);
        await _table.AddEntityAsync(
            new TableEntity("p", "r") { ["Text"] = Strange, ["Int"] = -5, ["Long"] = long.MaxValue, ["Flag"] = true, ["Time"] = time, ["Empty"] = "" }, Token);

        var read = (await _table.GetEntityIfExistsAsync<TableEntity>("p", "r", cancellationToken: Token)).Value!;

        Assert.Equal((Strange, -5, long.MaxValue), (read.GetString("Text"), read.GetInt32("Int"), read.GetInt64("Long")));
        Assert.Equal((true, (object)time, ""), (read["Flag"], read["Time"], read["Empty"]));
        Assert.Equal(("p", "r"), (read.PartitionKey, read.RowKey));
        Assert.NotEqual(default, read.ETag);
        Assert.True(read.Timestamp > time);
        Assert.Null(read.GetString("None"));
    }

    [Fact]
    public async Task Add_StrangeKeys_AreFoundAgain()
    {
        await _table.AddEntityAsync(new TableEntity(Strange.Replace("?", "", StringComparison.Ordinal), "it's") { ["A"] = 1 }, Token);

        Assert.True((await _table.GetEntityIfExistsAsync<TableEntity>(Strange.Replace("?", "", StringComparison.Ordinal), "it's", cancellationToken: Token)).HasValue);
        Assert.Single(await ListAsync(TableClient.CreateQueryFilter($"RowKey eq {"it's"}")));
    }

    [Fact]
    public async Task Add_Taken_IsRefusedWithCode()
    {
        await _table.AddEntityAsync(new TableEntity("p", "r"), Token);

        var e = await Assert.ThrowsAsync<RequestFailedException>(() => _table.AddEntityAsync(new TableEntity("p", "r"), Token));

        Assert.Equal((409, TableErrorCode.EntityAlreadyExists), (e.Status, new TableErrorCode(e.ErrorCode!)));
    }

    [Fact]
    public async Task NoEntityOrNoTable_IsNoValueToReadAndAnErrorToWrite()
    {
        Assert.False((await _table.GetEntityIfExistsAsync<TableEntity>("p", "none", cancellationToken: Token)).HasValue);

        var absent = new TableServiceClient(await azurite.ConnectionStringAsync()).GetTableClient(AzuriteFixture.UniqueName());
        var read = await absent.GetEntityIfExistsAsync<TableEntity>("p", "r", cancellationToken: Token);
        Assert.Equal((false, 404), (read.HasValue, read.GetRawResponse().Status));
        Assert.Throws<InvalidOperationException>(() => read.Value);
        var e = await Assert.ThrowsAsync<RequestFailedException>(() => absent.AddEntityAsync(new TableEntity("p", "r"), Token));
        Assert.True(e.ErrorCode == TableErrorCode.TableNotFound);
        Assert.Equal(404, (await absent.DeleteAsync(Token)).Status);
    }

    [Fact]
    public async Task Update_ByETag_RefusesAStaleOne()
    {
        var first = (await _table.AddEntityAsync(new TableEntity("p", "r") { ["A"] = 1, ["B"] = 1 }, Token)).Headers.ETag!.Value;
        var second = (await _table.UpdateEntityAsync(new TableEntity("p", "r") { ["A"] = 2 }, first, TableUpdateMode.Replace, Token)).Headers.ETag!.Value;

        var e = await Assert.ThrowsAsync<RequestFailedException>(() => _table.UpdateEntityAsync(new TableEntity("p", "r") { ["A"] = 3 }, first, TableUpdateMode.Replace, Token));

        Assert.Equal((412, true), (e.Status, e.ErrorCode == TableErrorCode.UpdateConditionNotSatisfied));
        var read = (await _table.GetEntityIfExistsAsync<TableEntity>("p", "r", cancellationToken: Token)).Value!;
        Assert.Equal((2, null, second), (read.GetInt32("A"), read.GetInt32("B"), read.ETag));
    }

    [Fact]
    public async Task Upsert_MergeAndReplace_KeepOrDropTheRest()
    {
        await _table.UpsertEntityAsync(new TableEntity("p", "r") { ["A"] = 1 }, cancellationToken: Token);
        await _table.UpsertEntityAsync(new TableEntity("p", "r") { ["B"] = 2 }, TableUpdateMode.Merge, Token);
        var merged = (await _table.GetEntityIfExistsAsync<TableEntity>("p", "r", cancellationToken: Token)).Value!;
        Assert.Equal((1, 2), (merged.GetInt32("A"), merged.GetInt32("B")));

        await _table.UpsertEntityAsync(new TableEntity("p", "r") { ["C"] = 3 }, TableUpdateMode.Replace, Token);
        var replaced = (await _table.GetEntityIfExistsAsync<TableEntity>("p", "r", cancellationToken: Token)).Value!;
        Assert.Equal((null, 3), (replaced.GetInt32("A"), replaced.GetInt32("C")));
    }

    [Fact]
    public async Task Delete_StaleETagOrNone_IsToldApart()
    {
        var stale = (await _table.AddEntityAsync(new TableEntity("p", "r"), Token)).Headers.ETag!.Value;
        await _table.UpsertEntityAsync(new TableEntity("p", "r") { ["A"] = 1 }, TableUpdateMode.Replace, Token);

        var e = await Assert.ThrowsAsync<RequestFailedException>(() => _table.DeleteEntityAsync("p", "r", stale, Token));
        Assert.Equal(412, e.Status);
        Assert.Equal(204, (await _table.DeleteEntityAsync("p", "r", cancellationToken: Token)).Status);
        Assert.Equal(404, (await _table.DeleteEntityAsync("p", "r", cancellationToken: Token)).Status);
    }

    [Fact]
    public async Task Query_OverThousandEntities_ContinuesToTheEnd()
    {
        for (var from = 0; from < 1300; from += 100)
            await _table.SubmitTransactionAsync(Enumerable.Range(from, 100).Select(i => new TableTransactionAction(TableTransactionActionType.Add, new TableEntity("it's", $"{i:0000}") { ["I"] = i })), Token);
        await _table.AddEntityAsync(new TableEntity("other", "x"), Token);

        var filter = TableClient.CreateQueryFilter($"PartitionKey eq {"it's"}");
        Assert.Equal(Enumerable.Range(0, 1300), (await ListAsync(filter)).Select(e => e.GetInt32("I")!.Value));

        var pages = new List<int>();
        string? token = null;
        await foreach (var page in _table.QueryAsync<TableEntity>(filter, maxPerPage: 500, cancellationToken: Token).AsPages())
        {
            pages.Add(page.Values.Count);
            token ??= page.ContinuationToken;
        }

        Assert.Equal([500, 500, 300], pages);
        await foreach (var page in _table.QueryAsync<TableEntity>(filter, select: ["RowKey"], cancellationToken: Token).AsPages(token, 10))
        {
            Assert.Equal(("0500", 10), (page.Values[0].RowKey, page.Values.Count));
            Assert.Null(page.Values[0].GetInt32("I"));
            break;
        }
    }

    [Fact]
    public async Task SubmitTransaction_OneRefused_ChangesNothing()
    {
        await _table.AddEntityAsync(new TableEntity("p", "taken"), Token);

        var e = await Assert.ThrowsAsync<TableTransactionFailedException>(() => _table.SubmitTransactionAsync(
            [
                new TableTransactionAction(TableTransactionActionType.Add, new TableEntity("p", "new")),
                new TableTransactionAction(TableTransactionActionType.Add, new TableEntity("p", "taken")),
            ],
            Token));

        Assert.Equal((409, "EntityAlreadyExists", 1), (e.Status, e.ErrorCode, e.FailedTransactionActionIndex));
        Assert.False((await _table.GetEntityIfExistsAsync<TableEntity>("p", "new", cancellationToken: Token)).HasValue);
    }

    [Fact]
    public async Task SubmitTransaction_EachAction_IsDone()
    {
        var tag = (await _table.AddEntityAsync(new TableEntity("p", "a") { ["X"] = 1 }, Token)).Headers.ETag!.Value;
        await _table.AddEntityAsync(new TableEntity("p", "b"), Token);

        var answers = await _table.SubmitTransactionAsync(
            [
                new TableTransactionAction(TableTransactionActionType.UpdateReplace, new TableEntity("p", "a") { ["Y"] = "é" }, tag),
                new TableTransactionAction(TableTransactionActionType.Delete, new TableEntity("p", "b"), ETag.All),
                new TableTransactionAction(TableTransactionActionType.UpsertMerge, new TableEntity("p", "c")),
            ],
            Token);

        Assert.All(answers.Value, a => Assert.Equal(204, a.Status));
        Assert.Equal(3, answers.Value.Count);
        Assert.Equal(["a", "c"], (await ListAsync("PartitionKey eq 'p'")).Select(e => e.RowKey));
        var stale = await Assert.ThrowsAsync<TableTransactionFailedException>(() => _table.SubmitTransactionAsync(
            [new TableTransactionAction(TableTransactionActionType.UpdateReplace, new TableEntity("p", "a"), tag)], Token));
        Assert.Equal(412, stale.Status);
    }

    [Fact]
    public void CreateQueryFilter_Values_AreLiteralsOfTheirType() => Assert.Equal(
        "A eq 'it''s' and B lt 5 and C gt 7L and D eq true and E ge datetime'2026-11-22T10:00:00.0000000Z'",
        TableClient.CreateQueryFilter($"A eq {"it's"} and B lt {5} and C gt {7L} and D eq {true} and E ge {new DateTimeOffset(2026, 11, 22, 12, 0, 0, TimeSpan.FromHours(2))}"));

    [Fact]
    public async Task Unsupported_Types_AreNamed()
    {
        var e = await Assert.ThrowsAsync<NotSupportedException>(() => _table.AddEntityAsync(new TableEntity("p", "r") { ["A"] = Guid.NewGuid() }, Token));
        Assert.Contains("System.Guid", e.Message, StringComparison.Ordinal);
    }

    private async Task<List<TableEntity>> ListAsync(string filter)
    {
        var found = new List<TableEntity>();
        await foreach (var entity in _table.QueryAsync<TableEntity>(filter, cancellationToken: Token))
            found.Add(entity);
        return found;
    }
}
