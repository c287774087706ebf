using System.Text.RegularExpressions;
using Azure;
using Azure.Data.Tables;
using ServerlessLoki.Serving.Ports;

namespace ServerlessLoki.Azure.Storage;

/// <summary>
/// Runs, in one partition, so that the rows of a run change together: <c>r-TIME-ID</c> is the run, with the time reversed, so that newest
/// come first; <c>i-ID</c> finds it by its id; <c>u-TIME-ID</c> stands while it has not ended. A partition takes about 2,000 rows a second
/// (https://learn.microsoft.com/azure/storage/tables/scalability-targets), so about 600 new runs a second.
/// </summary>
internal sealed partial class TableRuns(StateTable table, TableTexts texts)
{
    private const string Partition = "runs";
    private const string Write = "Write";
    private const string State = "State";

    public async Task<bool> AddAsync(RunRecord run, CancellationToken cancellationToken)
    {
        var rows = new RunRows(run.Id, run.Created);
        var entity = new TableEntity(Partition, rows.Run)
        {
            ["Id"] = run.Id, ["Pipeline"] = run.Pipeline, [State] = (int)run.State, ["Payload"] = run.Payload,
            ["Created"] = run.Created.UtcTicks, [Write] = Guid.NewGuid().ToString("N"),
        };
        if (run.Ended is { } ended)
            entity["Ended"] = ended.UtcTicks;
        await texts.SetAsync(entity, "Parameters", run.Parameters, cancellationToken);
        await texts.SetAsync(entity, "Result", run.Result, cancellationToken);
        var actions = new List<TableTransactionAction>
        {
            new(TableTransactionActionType.Add, new TableEntity(Partition, rows.Id) { ["Row"] = rows.Run, [Write] = entity[Write] }),
            new(TableTransactionActionType.Add, entity),
        };
        if (run.State == RunState.Accepted)
            actions.Add(new TableTransactionAction(TableTransactionActionType.Add, new TableEntity(Partition, rows.Unfinished) { ["Row"] = rows.Run }));
        try
        {
            await SubmitAsync("run.add", actions, cancellationToken);
            return true;
        }
        catch (RequestFailedException e) when (e.Status == 409)
        {
            // Taken: by another, or by a try of ours whose answer was lost.
            if ((await RowAsync(rows.Id, cancellationToken))?.GetString(Write) == entity.GetString(Write))
                return true;
            await texts.DeleteAsync(entity, cancellationToken);
            return false;
        }
    }

    public async Task<RunRecord?> FindAsync(string id, CancellationToken cancellationToken) =>
        await EntityAsync(id, cancellationToken) is { } entity ? await ReadAsync(entity, cancellationToken) : null;

    public async Task<RunPage> ListAsync(int size, string? after, RunState? state, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(size, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(size, 1000);
        if (after is not null && !Row().IsMatch(after))
            throw new FormatException($"'{after}' is no page's 'next'.");
        var filter = TableClient.CreateQueryFilter($"PartitionKey eq {Partition} and RowKey gt {after ?? RunRows.FirstRun} and RowKey lt {RunRows.EndOfRuns}");
        if (state is { } wanted)
            filter += TableClient.CreateQueryFilter($" and State eq {(int)wanted}");
        var found = await table.ListAsync("run.list", filter, size + 1, cancellationToken);
        var page = new List<RunRecord>(size);
        foreach (var entity in found.Take(size))
        {
            if (await ReadAsync(entity, cancellationToken) is { } run)
                page.Add(run);
        }

        return new RunPage(page, found.Count > size ? found[size - 1].RowKey : null);
    }

    public async Task<IReadOnlyList<RunRecord>> UnfinishedAsync(CancellationToken cancellationToken)
    {
        var open = await table.ListAsync("run.unfinished", Unfinished, int.MaxValue, cancellationToken);
        var runs = new RunRecord?[open.Count];
        await Parallel.ForAsync(0, open.Count, new ParallelOptions { MaxDegreeOfParallelism = 16, CancellationToken = cancellationToken }, async (i, stop) =>
        {
            if (await RowAsync(open[i].GetString("Row"), stop) is { } entity)
                runs[i] = await ReadAsync(entity, stop);
        });
        return [.. runs.OfType<RunRecord>().Where(r => r.State == RunState.Accepted)];
    }

    public Task<int> CountUnfinishedAsync(int most, CancellationToken cancellationToken) => table.CountAsync("run.count", Unfinished, most, cancellationToken);

    public async Task<bool> EndAsync(string id, RunState state, string? result, DateTimeOffset ended, CancellationToken cancellationToken)
    {
        if (state == RunState.Accepted)
            throw new ArgumentException("A run ends as completed, failed or cancelled.", nameof(state));
        var change = new TableEntity { [State] = (int)state, ["Ended"] = ended.UtcTicks, [Write] = Guid.NewGuid().ToString("N") };
        if (await EntityAsync(id, cancellationToken) is not { } entity || Ended(entity))
            return false;
        await texts.SetAsync(change, "Result", result, cancellationToken);
        change.PartitionKey = entity.PartitionKey;
        change.RowKey = entity.RowKey;
        try
        {
            await SubmitAsync(
                "run.end",
                [
                    new TableTransactionAction(TableTransactionActionType.UpdateMerge, change, entity.ETag),
                    new TableTransactionAction(TableTransactionActionType.Delete, new TableEntity(Partition, RunRows.Of(entity).Unfinished), ETag.All),
                ],
                cancellationToken);
            return true;
        }
        catch (RequestFailedException e) when (e.Status is 404 or 412)
        {
            // A run changes once, so it has ended: by another, or by a try of ours whose answer was lost.
            if ((await RowAsync(entity.RowKey, cancellationToken))?.GetString(Write) == change.GetString(Write))
                return true;
            await texts.DeleteAsync(change, cancellationToken);
            return false;
        }
    }

    public async Task<bool> DeleteAsync(string id, CancellationToken cancellationToken)
    {
        if (await EntityAsync(id, cancellationToken) is not { } entity || !Ended(entity))
            return false;
        try
        {
            await SubmitAsync(
                "run.delete",
                [
                    new TableTransactionAction(TableTransactionActionType.Delete, entity, entity.ETag),
                    new TableTransactionAction(TableTransactionActionType.Delete, new TableEntity(Partition, RunRows.Of(entity).Id), ETag.All),
                ],
                cancellationToken);
        }
        catch (RequestFailedException e) when (e.Status == 404)
        {
            return false;
        }

        await texts.DeleteAsync(entity, cancellationToken);
        return true;
    }

    private static string Unfinished { get; } =
        TableClient.CreateQueryFilter($"PartitionKey eq {Partition} and RowKey ge {RunRows.FirstUnfinished} and RowKey lt {RunRows.EndOfUnfinished}");

    private static bool Ended(TableEntity entity) => entity.GetInt32(State) != (int)RunState.Accepted;

    private async Task<TableEntity?> EntityAsync(string id, CancellationToken cancellationToken) =>
        await RowAsync(RunRows.IdRow(id), cancellationToken) is { } index ? await RowAsync(index.GetString("Row"), cancellationToken) : null;

    private Task<TableEntity?> RowAsync(string row, CancellationToken cancellationToken) => table.FindAsync("run.find", Partition, row, cancellationToken);

    private async Task SubmitAsync(string operation, IReadOnlyList<TableTransactionAction> actions, CancellationToken cancellationToken) =>
        await table.RunAsync(operation, (t, stop) => t.SubmitTransactionAsync(actions, stop), cancellationToken);

    /// <summary>Reads a run; null if it was deleted since its row was read.</summary>
    private async Task<RunRecord?> ReadAsync(TableEntity entity, CancellationToken cancellationToken)
    {
        var parameters = await texts.GetAsync(entity, "Parameters", cancellationToken);
        var result = await texts.GetAsync(entity, "Result", cancellationToken);
        if (!parameters.Found || !result.Found)
            return null;
        return new RunRecord
        {
            Id = entity.GetString("Id"),
            Pipeline = entity.GetString("Pipeline"),
            State = (RunState)entity.GetInt32(State)!.Value,
            Payload = entity.GetString("Payload"),
            Parameters = parameters.Text ?? "",
            Result = result.Text,
            Created = new DateTimeOffset(entity.GetInt64("Created")!.Value, TimeSpan.Zero),
            Ended = entity.GetInt64("Ended") is { } ended ? new DateTimeOffset(ended, TimeSpan.Zero) : null,
        };
    }

    [GeneratedRegex(@"^r-\d{19}-[A-Za-z0-9\-_.~]+\z", RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Row();
}
