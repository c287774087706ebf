using System.Net;
using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json.Nodes;
using Azure.Core;
using Azure.Core.Pipeline;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace ServerlessLoki.Azure.Tests.Doubles;

/// <summary>Azure Resource Manager with container apps, on a port of this machine: keeps each app's properties and merges patches.</summary>
public sealed class FakeArm : IAsyncDisposable
{
    public const string Token = "arm-token";
    private readonly WebApplication _app;
    private readonly Dictionary<string, JsonObject> _apps = new(StringComparer.OrdinalIgnoreCase);
    private readonly List<string> _requests = [];
    private readonly Queue<int> _refusals = [];

    private readonly X509Certificate2 _certificate;

    private FakeArm(WebApplication app, X509Certificate2 certificate)
    {
        _app = app;
        _certificate = certificate;
    }

    public Uri Endpoint => new(_app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First());

    /// <summary>Methods and bodies, in order.</summary>
    public IReadOnlyList<string> Requests
    {
        get
        {
            lock (_requests)
                return [.. _requests];
        }
    }

    public IEnumerable<string> Patches => Requests.Where(r => r.StartsWith("PATCH", StringComparison.Ordinal));

    /// <summary>Trusts the certificate that the fake made for itself; the bearer policy sends no token over plain HTTP.</summary>
    public HttpPipelineTransport Transport() => new HttpClientTransport(new HttpClient(new SocketsHttpHandler
    {
        SslOptions = new SslClientAuthenticationOptions { RemoteCertificateValidationCallback = (_, found, _, _) => found is not null && found.GetCertHashString() == _certificate.GetCertHashString() },
    }));

    public static async Task<FakeArm> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        var certificate = Certificate();
        builder.WebHost.UseKestrelHttpsConfiguration().ConfigureKestrel(k => k.Listen(IPAddress.Loopback, 0, l => l.UseHttps(certificate)));
        var arm = new FakeArm(builder.Build(), certificate);
        arm._app.Run(arm.AnswerAsync);
        await arm._app.StartAsync();
        return arm;
    }

    public void Add(string id, int min, int max, string provisioningState = "Succeeded")
    {
        lock (_requests)
        {
            _apps[id] = new JsonObject
            {
                ["provisioningState"] = provisioningState,
                ["template"] = new JsonObject { ["scale"] = new JsonObject { ["minReplicas"] = min, ["maxReplicas"] = max, ["rules"] = new JsonArray("keda") } },
            };
        }
    }

    public JsonNode Scale(string id)
    {
        lock (_requests)
            return _apps[id]["template"]!["scale"]!.DeepClone();
    }

    /// <summary>Answers the next requests with these statuses.</summary>
    public void Refuse(params int[] statuses)
    {
        lock (_requests)
        {
            foreach (var status in statuses)
                _refusals.Enqueue(status);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _app.DisposeAsync();
        _certificate.Dispose();
    }

    private static X509Certificate2 Certificate()
    {
        using var key = RSA.Create(2048);
        var request = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        using var certificate = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        return X509CertificateLoader.LoadPkcs12(certificate.Export(X509ContentType.Pfx), null);
    }

    private static void Merge(JsonObject into, JsonObject patch)
    {
        foreach (var (name, value) in patch)
        {
            if (value is JsonObject inner && into[name] is JsonObject present)
                Merge(present, inner);
            else
                into[name] = value?.DeepClone();
        }
    }

    private async Task AnswerAsync(HttpContext context)
    {
        using var reader = new StreamReader(context.Request.Body);
        var body = await reader.ReadToEndAsync();
        var (status, answer) = Answer(context, body);
        context.Response.StatusCode = status;
        context.Response.ContentType = "application/json";
        await context.Response.WriteAsync(answer);
    }

    private (int Status, string Body) Answer(HttpContext context, string body)
    {
        lock (_requests)
        {
            _requests.Add($"{context.Request.Method} {body}".TrimEnd());
            if (_refusals.TryDequeue(out var refused))
                return (refused, """{"error":{"code":"Refused","message":"said the test"}}""");
            if (context.Request.Headers.Authorization != "Bearer " + Token)
                return (401, """{"error":{"code":"AuthenticationFailed"}}""");
            if (context.Request.Query["api-version"] != "2026-01-01" || !_apps.TryGetValue(context.Request.Path, out var properties))
                return (404, """{"error":{"code":"ResourceNotFound","message":"No such app."}}""");
            if (context.Request.Method == "PATCH")
            {
                Merge(properties, (JsonObject)JsonNode.Parse(body)!["properties"]!);
                return (202, "");
            }

            return (200, new JsonObject { ["properties"] = properties.DeepClone() }.ToJsonString());
        }
    }

    public sealed class Credential(bool works = true) : TokenCredential
    {
        public List<string> Scopes { get; } = [];

        public override AccessToken GetToken(TokenRequestContext requestContext, CancellationToken cancellationToken)
        {
            lock (Scopes)
                Scopes.AddRange(requestContext.Scopes);
            return works ? new AccessToken(FakeArm.Token, DateTimeOffset.UtcNow.AddHours(1)) : throw new InvalidOperationException("No identity here.");
        }

        public override ValueTask<AccessToken> GetTokenAsync(TokenRequestContext requestContext, CancellationToken cancellationToken) => new(GetToken(requestContext, cancellationToken));
    }
}
