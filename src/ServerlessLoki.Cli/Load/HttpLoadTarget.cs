using System.Buffers;
using System.Globalization;
using System.Net.Http.Headers;
using ServerlessLoki.Serving.Protocol;

namespace ServerlessLoki.Cli.Load;

/// <summary>Sender of queries over HTTP with as little work per query as possible.</summary>
internal sealed class HttpLoadTarget : ILoadTarget, IDisposable
{
    private readonly HttpClient _client;
    private readonly Uri _infer;
    private readonly IReadOnlyList<QueryBody> _bodies;
    private readonly string? _deadlineMs;

    /// <summary>Makes the sender from a pool of bodies.</summary>
    /// <param name="server">Base address.</param>
    /// <param name="pipeline">Model name in the protocol.</param>
    /// <param name="bodies">Request bodies; at least one.</param>
    /// <param name="patience">Time without an answer after which a query counts as timed out.</param>
    /// <param name="deadlineMs">Deadline of each query, milliseconds; null = none.</param>
    public HttpLoadTarget(Uri server, string pipeline, IReadOnlyList<QueryBody> bodies, TimeSpan patience, double? deadlineMs = null)
    {
        _deadlineMs = deadlineMs?.ToString(CultureInfo.InvariantCulture);
        _bodies = bodies;
        _infer = new Uri(server, $"v2/models/{Uri.EscapeDataString(pipeline)}/infer");
        _client = Client(patience);
    }

    /// <inheritdoc />
    public int Bodies => _bodies.Count;

    /// <summary>Environment variable with the API key for servers that need one, since other users can read a command line.</summary>
    public const string KeyVariable = "LOKI_API_KEY";

    /// <summary>Makes a client that opens as many connections as there are queries in flight, without redirects, cookies or
    /// a proxy.</summary>
    public static HttpClient Client(TimeSpan patience)
    {
        var client = new HttpClient(
            new SocketsHttpHandler
            {
                AllowAutoRedirect = false,
                UseCookies = false,
                UseProxy = false,
                ActivityHeadersPropagator = null,
                PooledConnectionIdleTimeout = TimeSpan.FromMinutes(2),
                ConnectTimeout = TimeSpan.FromSeconds(5),
            },
            disposeHandler: true)
        { Timeout = patience };
        if (Environment.GetEnvironmentVariable(KeyVariable) is { Length: > 0 } key)
            client.DefaultRequestHeaders.TryAddWithoutValidation("Authorization", $"Bearer {key}");
        return client;
    }

    /// <inheritdoc />
    public async Task<LoadReply> SendAsync(int body, CancellationToken cancellationToken)
    {
        using var request = Request(_bodies[body]);
        try
        {
            using var response = await _client
                .SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken).ConfigureAwait(false);
            return await ReadAsync(response, cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return new LoadReply(LoadStatus.TimedOut);
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            return new LoadReply(LoadStatus.NoConnection);
        }
    }

    /// <inheritdoc />
    public void Dispose() => _client.Dispose();

    private HttpRequestMessage Request(QueryBody body)
    {
        var content = new ByteArrayContent(body.Bytes);
        content.Headers.ContentType = new MediaTypeHeaderValue(body.ContentType);
        var request = new HttpRequestMessage(HttpMethod.Post, _infer) { Content = content };
        if (body.JsonLength is { } length)
            request.Headers.TryAddWithoutValidation(InferHeaders.JsonLengthHeader, length.ToString());
        if (_deadlineMs is not null)
            request.Headers.TryAddWithoutValidation(InferHeaders.DeadlineHeader, _deadlineMs);
        return request;
    }

    private static async Task<LoadReply> ReadAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        var status = (int)response.StatusCode;
        var buffer = ArrayPool<byte>.Shared.Rent((int)Math.Clamp(response.Content.Headers.ContentLength ?? 16_384, 4096, 1 << 24));
        try
        {
            var length = 0;
            var stream = await response.Content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
            await using (stream.ConfigureAwait(false))
            {
                int read;
                while ((read = await stream.ReadAsync(buffer.AsMemory(length), cancellationToken).ConfigureAwait(false)) > 0)
                {
                    length += read;
                    if (length < buffer.Length)
                        continue;
                    var larger = ArrayPool<byte>.Shared.Rent(buffer.Length * 2);
                    buffer.CopyTo(larger, 0);
                    ArrayPool<byte>.Shared.Return(buffer);
                    buffer = larger;
                }
            }

            if (status != 200)
                return new LoadReply(status);
            var json = response.Headers.TryGetValues(InferHeaders.JsonLengthHeader, out var values)
                && int.TryParse(values.First(), out var part) && part <= length ? part : length;
            return ReplyReader.Read(status, buffer.AsSpan(0, json));
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }
}
