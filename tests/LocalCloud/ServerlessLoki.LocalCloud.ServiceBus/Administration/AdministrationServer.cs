using System.Net;
using System.Xml.Linq;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using ServerlessLoki.LocalCloud.ServiceBus.Queues;

namespace ServerlessLoki.LocalCloud.ServiceBus.Administration;

/// <summary>Management interface: Atom over HTTP, queues only.</summary>
internal sealed class AdministrationServer : IAsyncDisposable
{
    private const string AllQueues = "$Resources/queues";
    private const int LargestBody = 64 * 1024;
    private readonly MessageBroker _broker;
    private readonly WebApplication _app;

    private AdministrationServer(MessageBroker broker, WebApplication app) => (_broker, _app) = (broker, app);

    public int Port => new Uri(_app.Urls.Single()).Port;

    public static async Task<AdministrationServer> StartAsync(MessageBroker broker, int port, CancellationToken cancellationToken)
    {
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { Args = [] });
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.Listen(IPAddress.Loopback, port);
            kestrel.Limits.MaxRequestBodySize = LargestBody;
        });
        var server = new AdministrationServer(broker, builder.Build());
        server._app.Run(server.AnswerAsync);
        await server._app.StartAsync(cancellationToken);
        return server;
    }

    public async ValueTask DisposeAsync() => await _app.DisposeAsync();

    private async Task AnswerAsync(HttpContext context)
    {
        using var reader = new StreamReader(context.Request.Body);
        var (status, body) = Answer(context.Request, await reader.ReadToEndAsync(context.RequestAborted));
        context.Response.StatusCode = status;
        if (body is null)
            return;
        context.Response.ContentType = "application/atom+xml;type=entry;charset=utf-8";
        await context.Response.WriteAsync(body.ToString(), context.RequestAborted);
    }

    private (int Status, XElement? Body) Answer(HttpRequest request, string body)
    {
        var path = (request.Path.Value ?? "").Trim('/');
        return request.Method switch
        {
            "GET" when path.Equals(AllQueues, StringComparison.OrdinalIgnoreCase) => (200, List(request.Query)),
            // Topics and the like: there are none.
            "GET" when path.StartsWith('$') => (200, Atom.Feed(path, [])),
            // The service answers an empty feed when there is no such queue.
            "GET" => (200, _broker.State(path) is { } state ? Entry(state) : Atom.Feed(path, [])),
            "PUT" => Put(path, body, isUpdate: request.Headers.IfMatch.Count > 0),
            "DELETE" => _broker.Delete(path) is { } fault ? Refused(fault) : (200, null),
            _ => (405, Atom.Error(405, $"{request.Method} is not served.")),
        };
    }

    private static XElement Entry(QueueState state) => Atom.Entry(state.Settings.Name, QueueDescription.Write(state));

    private static (int Status, XElement Body) Refused(BrokerFault fault)
    {
        var status = fault.Kind == BrokerFaultKind.AlreadyExists ? 409 : 404;
        return (status, Atom.Error(status, fault.Text));
    }

    private XElement List(IQueryCollection query)
    {
        var skip = int.TryParse(query["$skip"], out var s) ? s : 0;
        var top = int.TryParse(query["$top"], out var t) ? t : 100;
        return Atom.Feed("Queues", _broker.States().Skip(skip).Take(top).Select(Entry));
    }

    private (int Status, XElement Body) Put(string name, string body, bool isUpdate)
    {
        var faults = new List<string>();
        var settings = QueueDescription.Read(name, body, faults);
        if (faults.Count > 0)
            return (400, Atom.Error(400, string.Join(' ', faults)));
        if ((isUpdate ? _broker.Update(settings) : _broker.Create(settings)) is { } fault)
            return Refused(fault);
        return _broker.State(name) is { } state ? (isUpdate ? 200 : 201, Entry(state)) : Refused(BrokerFault.NotFound(name));
    }
}
