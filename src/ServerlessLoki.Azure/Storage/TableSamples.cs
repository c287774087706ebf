using System.Globalization;
using Azure;
using Azure.Data.Tables;
using ServerlessLoki.Serving.Ports;

namespace ServerlessLoki.Azure.Storage;

/// <summary>Samples in a table: one entity per series, second and source; a partition per series and hour, so that old samples are deleted
/// by partitions.</summary>
internal sealed class TableSamples(StateTable table)
{
    private const string Hour = "yyyyMMddHH";
    private const string Second = "yyyyMMddHHmmss";

    // Not in any key, and below all that is.
    private const char Mark = '!';

    public Task AddAsync(string series, string source, DateTimeOffset second, string json, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(json.Length, TableTexts.InlineChars, nameof(json));
        var entity = new TableEntity(Partition(series, second), $"{Text(second, Second)}-{TableKeys.Of(source)}")
        {
            ["Source"] = source, ["Json"] = json,
        };
        return table.RunAsync("sample.add", (t, stop) => t.UpsertEntityAsync(entity, TableUpdateMode.Replace, stop), cancellationToken);
    }

    public async Task<IReadOnlyList<StoredSample>> SinceAsync(string series, DateTimeOffset since, CancellationToken cancellationToken)
    {
        var from = Ceiling(since);
        var filter = TableClient.CreateQueryFilter(
            $"PartitionKey ge {Partition(series, from)} and PartitionKey lt {End(series)} and RowKey ge {Text(from, Second)}");
        var found = await table.ListAsync("sample.list", filter, int.MaxValue, cancellationToken);
        return
        [
            .. found.Select(e => new StoredSample(e.GetString("Source"), Begin(e.RowKey), e.GetString("Json")))
                .OrderBy(s => s.Second).ThenBy(s => s.Source, StringComparer.Ordinal),
        ];
    }

    public async Task PruneAsync(string series, DateTimeOffset before, CancellationToken cancellationToken)
    {
        var to = Ceiling(before);
        var filter = TableClient.CreateQueryFilter(
            $"PartitionKey ge {TableKeys.Of(series) + Mark} and PartitionKey le {Partition(series, to)} and RowKey lt {Text(to, Second)}");
        foreach (var hour in (await table.ListAsync("sample.list", filter, int.MaxValue, cancellationToken)).GroupBy(e => e.PartitionKey, StringComparer.Ordinal))
        {
            foreach (var hundred in hour.Chunk(100))
                await DeleteAsync(hundred, cancellationToken);
        }
    }

    private static string Partition(string series, DateTimeOffset second) => TableKeys.Of(series) + Mark + Text(second, Hour);

    private static string End(string series) => TableKeys.Of(series) + (char)(Mark + 1);

    private static string Text(DateTimeOffset time, string format) => time.UtcDateTime.ToString(format, CultureInfo.InvariantCulture);

    private static DateTimeOffset Begin(string row) =>
        DateTimeOffset.ParseExact(row.AsSpan(0, Second.Length), Second, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal);

    private static DateTimeOffset Ceiling(DateTimeOffset time)
    {
        var over = time.UtcTicks % TimeSpan.TicksPerSecond;
        return over == 0 ? time : time.AddTicks(TimeSpan.TicksPerSecond - over);
    }

    private async Task DeleteAsync(TableEntity[] entities, CancellationToken cancellationToken)
    {
        try
        {
            await table.RunAsync(
                "sample.prune",
                (t, stop) => t.SubmitTransactionAsync(entities.Select(e => new TableTransactionAction(TableTransactionActionType.Delete, e, ETag.All)), stop),
                cancellationToken);
        }
        catch (RequestFailedException e) when (e.Status == 404 && entities.Length > 1)
        {
            // Another prunes too, and has deleted one of them: then each by itself.
            foreach (var entity in entities)
                await DeleteAsync([entity], cancellationToken);
        }
        catch (RequestFailedException e) when (e.Status == 404)
        {
            // It is gone, as was wanted.
        }
    }
}
