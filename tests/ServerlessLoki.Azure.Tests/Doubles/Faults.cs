using System.Net;
using System.Net.Http.Headers;
using Azure.Core.Pipeline;

namespace ServerlessLoki.Azure.Tests.Doubles;

/// <summary>Stands in front of a service and does to the next requests of a kind what networks and services do.</summary>
public sealed class Faults : DelegatingHandler
{
    private readonly List<Fault> _faults = [];

    public Faults()
        : base(new SocketsHttpHandler())
    {
    }

    /// <summary>Requests that came, also those that never reached the service.</summary>
    public int Requests { get; private set; }

    public HttpPipelineTransport Transport() => new HttpClientTransport(new HttpClient(this, disposeHandler: false));

    /// <summary>Answers without asking the service.</summary>
    public void Refuse(HttpMethod method, string pathPart, HttpStatusCode status, string code, int times = 1, TimeSpan? retryAfter = null) =>
        Add(new Fault(method, pathPart, times, (request, _) =>
        {
            var body = $$"""{"odata.error":{"code":"{{code}}","message":{"lang":"en-US","value":"said the test"} } }""";
            var answer = new HttpResponseMessage(status) { RequestMessage = request, Content = new StringContent(body) };
            if (retryAfter is { } wait)
                answer.Headers.RetryAfter = new RetryConditionHeaderValue(wait);
            return Task.FromResult(answer);
        }));

    /// <summary>Lets the service do its work and loses its answer.</summary>
    public void LoseAnswer(HttpMethod method, string pathPart) => Add(new Fault(method, pathPart, 1, async (request, stop) =>
    {
        using var answer = await base.SendAsync(request, stop);
        throw new HttpRequestException($"The answer {(int)answer.StatusCode} was lost.");
    }));

    /// <summary>Never answers.</summary>
    public void Hang(HttpMethod method, string pathPart, int times) => Add(new Fault(method, pathPart, times, async (_, stop) =>
    {
        await Task.Delay(Timeout.Infinite, stop);
        throw new InvalidOperationException("Not reached.");
    }));

    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        Fault? fault;
        lock (_faults)
        {
            Requests++;
            fault = _faults.Find(f => f.Method == request.Method && request.RequestUri!.AbsolutePath.Contains(f.PathPart, StringComparison.Ordinal));
            if (fault is not null && --fault.Times == 0)
                _faults.Remove(fault);
        }

        return fault is null ? base.SendAsync(request, cancellationToken) : fault.Answer(request, cancellationToken);
    }

    private void Add(Fault fault)
    {
        lock (_faults)
            _faults.Add(fault);
    }

    private sealed class Fault(HttpMethod method, string pathPart, int times, Func<HttpRequestMessage, CancellationToken, Task<HttpResponseMessage>> answer)
    {
        public HttpMethod Method => method;

        public string PathPart => pathPart;

        public int Times { get; set; } = times;

        public Func<HttpRequestMessage, CancellationToken, Task<HttpResponseMessage>> Answer => answer;
    }
}
