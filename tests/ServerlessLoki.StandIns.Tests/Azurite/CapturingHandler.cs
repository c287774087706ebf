using System.Net;

namespace ServerlessLoki.StandIns.Tests.Azurite;

/// <summary>Answers every request with one status and keeps what was asked.</summary>
public sealed class CapturingHandler(HttpStatusCode status) : HttpMessageHandler
{
    public List<HttpRequestMessage> Requests { get; } = [];

    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        lock (Requests)
            Requests.Add(request);
        return Task.FromResult(new HttpResponseMessage(status) { RequestMessage = request, Content = new ByteArrayContent([]) });
    }
}
