using System.Net.Http.Headers;
using ServerlessLoki.Cli.Load;

namespace ServerlessLoki.Benchmarks.Attack;

/// <summary>A client beside the load: when it is refused it waits as told and asks once more.</summary>
internal static class PatientClient
{
    private static readonly TimeSpan Every = TimeSpan.FromMilliseconds(250);

    /// <returns>How many were refused and waited as told, and how many of those were then served.</returns>
    public static async Task<(int Waited, int Served)> AskAsync(Uri server, QueryBody body, CancellationToken stop)
    {
        var (waited, served) = (0, 0);
        var asking = new List<Task>();
        try
        {
            using var timer = new PeriodicTimer(Every);
            while (await timer.WaitForNextTickAsync(stop))
                asking.Add(OnceAsync());
        }
        catch (OperationCanceledException)
        {
            // The load is over.
        }

        await Task.WhenAll(asking);
        return (waited, served);

        async Task OnceAsync()
        {
            try
            {
                // A caller of its own has a connection of its own.
                using var caller = HttpLoadTarget.Client(TimeSpan.FromSeconds(10));
                var (status, retryAfter) = await SendAsync(caller, server, body);
                if (status != 429 || retryAfter is null)
                    return;
                await Task.Delay(retryAfter.Value, stop);
                Interlocked.Increment(ref waited);
                if ((await SendAsync(caller, server, body)).Status == 200)
                    Interlocked.Increment(ref served);
            }
            catch (Exception e) when (e is HttpRequestException or OperationCanceledException)
            {
                // Not answered, or the load was over before its time had come.
            }
        }
    }

    private static async Task<(int Status, TimeSpan? RetryAfter)> SendAsync(HttpClient client, Uri server, QueryBody body)
    {
        using var content = new ByteArrayContent(body.Bytes);
        content.Headers.ContentType = new MediaTypeHeaderValue(body.ContentType);
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(server, "v2/models/traffic/infer")) { Content = content };
        if (body.JsonLength is { } length)
            request.Headers.TryAddWithoutValidation("Inference-Header-Content-Length", $"{length}");
        using var response = await client.SendAsync(request);
        return ((int)response.StatusCode, response.Headers.RetryAfter?.Delta);
    }
}
