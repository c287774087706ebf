using ServerlessLoki.Serving.Queries;

namespace ServerlessLoki.Serving.Dispatch;

/// <summary>Queries of one request, one for each row: answered together, or ended together by the first that fails.</summary>
/// <param name="queries">Queries in the order of the rows.</param>
internal sealed class RowGroup(PendingQuery[] queries)
{
    private QueryResult? _fault;

    /// <summary>Waits for all rows. Where one fails, the others are cancelled: their answers could not be told apart from a whole one's.</summary>
    /// <param name="id">Id of the request.</param>
    /// <param name="cancellationToken">Cancelled when the caller went away.</param>
    public async ValueTask<QueryResult> ResultAsync(string id, CancellationToken cancellationToken)
    {
        await using var registration = cancellationToken.UnsafeRegister(
            static state => ((RowGroup)state!).Cancel("The caller went away."), this);
        var results = await Task.WhenAll(queries.Select(WatchAsync));
        return _fault ?? RowResults.Joined(id, results);
    }

    private async Task<QueryResult> WatchAsync(PendingQuery query, int row)
    {
        var result = await query.Result;
        if (result.Outcome != QueryOutcome.Completed
            && Interlocked.CompareExchange(ref _fault, result with { Error = $"Row {row} of {queries.Length}: {result.Error}" }, null) is null)
        {
            Cancel("Another row of the request failed.");
        }

        return result;
    }

    private void Cancel(string reason)
    {
        foreach (var query in queries)
            query.Fail(QueryOutcome.Cancelled, reason);
    }
}
