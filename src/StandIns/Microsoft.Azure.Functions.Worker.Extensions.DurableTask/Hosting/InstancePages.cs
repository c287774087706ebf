using System.Globalization;
using System.Runtime.CompilerServices;
using Microsoft.DurableTask;
using Microsoft.DurableTask.Client;

namespace Microsoft.Azure.Functions.Worker.Hosting;

/// <summary>Instances that fit a query, oldest first. A continuation token is the position of the page's end.</summary>
internal sealed class InstancePages(TaskHub hub, OrchestrationQuery query) : AsyncPageable<OrchestrationMetadata>
{
    public override IAsyncEnumerable<Page<OrchestrationMetadata>> AsPages(string? continuationToken = default, int? pageSizeHint = default) =>
        Pages(continuationToken ?? query.ContinuationToken, pageSizeHint ?? query.PageSize);

    private async IAsyncEnumerable<Page<OrchestrationMetadata>> Pages(
        string? token, int size, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        await Task.CompletedTask;
        var at = token is null ? 0 : int.Parse(token, CultureInfo.InvariantCulture);
        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var rows = hub.List().Where(Fits).ToArray();
            var page = rows.Skip(at).Take(size).Select(r => InProcessDurableClient.Metadata(r, query.FetchInputsAndOutputs)).ToArray();
            at += page.Length;
            var next = at < rows.Length ? at.ToString(CultureInfo.InvariantCulture) : null;
            yield return new Page<OrchestrationMetadata>(page, next);
            if (next is null)
                yield break;
        }
    }

    private bool Fits(InstanceRow row) =>
        (query.CreatedFrom is not { } from || row.Created >= from.UtcDateTime)
        && (query.CreatedTo is not { } to || row.Created <= to.UtcDateTime)
        && (query.Statuses is null || query.Statuses.Contains(row.Status))
        && (query.InstanceIdPrefix is null || row.Id.StartsWith(query.InstanceIdPrefix, StringComparison.Ordinal));
}
