using System.Diagnostics;
using System.Globalization;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Azure.Functions.Worker;

namespace ServerlessLoki.LocalCloud.TestApp;

/// <summary>HTTP functions that fail, hang, end the process, and have every level of authorization.</summary>
public sealed class HttpFunctions
{
    /// <summary>Returns the id of this process.</summary>
    [Function("Pid")]
    public static IActionResult Pid([HttpTrigger(AuthorizationLevel.Anonymous, "get", "head", Route = "pid")] HttpRequest request) =>
        new ContentResult { Content = Environment.ProcessId.ToString(CultureInfo.InvariantCulture) };

    /// <summary>Returns how often this process has seen a name.</summary>
    [Function("SeenCount")]
    public static IActionResult SeenCount([HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "seen/{name}")] HttpRequest request, string name) =>
        new ContentResult { Content = Seen.Of(name).ToString(CultureInfo.InvariantCulture) };

    /// <summary>Accepts whole numbers only.</summary>
    [Function("Item")]
    public static IActionResult Item([HttpTrigger(AuthorizationLevel.Function, "get", Route = "items/{id:int}")] HttpRequest request, int id) =>
        new ContentResult { Content = (id + 1).ToString(CultureInfo.InvariantCulture) };

    /// <summary>Requires the master key.</summary>
    [Function("Secret")]
    public static IActionResult Secret([HttpTrigger(AuthorizationLevel.Admin, "get", Route = "secret")] HttpRequest request) => new NoContentResult();

    /// <summary>Function without a route of its own.</summary>
    [Function("Plain")]
    public static IActionResult Plain([HttpTrigger(AuthorizationLevel.Anonymous, "get")] HttpRequest request) => new NoContentResult();

    /// <summary>Throws an exception.</summary>
    [Function("Throw")]
    public static IActionResult Throw([HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "throw")] HttpRequest request) =>
        throw new InvalidOperationException("thrown on purpose");

    /// <summary>Returns the request body unchanged, as it arrives.</summary>
    [Function("Echo")]
    public static async Task Echo([HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = "echo")] HttpRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        var response = request.HttpContext.Response;
        response.Headers["x-host"] = request.Host.Value;
        response.ContentType = request.ContentType;
        var buffer = new byte[16_384];
        for (int read; (read = await request.Body.ReadAsync(buffer, request.HttpContext.RequestAborted)) > 0;)
        {
            Seen.Add("pieces");
            await response.Body.WriteAsync(buffer.AsMemory(0, read), request.HttpContext.RequestAborted);
            await response.Body.FlushAsync(request.HttpContext.RequestAborted);
        }
    }

    /// <summary>Sends a piece, and the next one after <see cref="Go"/> was called.</summary>
    [Function("Drip")]
    public static async Task Drip([HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "drip")] HttpRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        var context = request.HttpContext;
        await context.Response.WriteAsync("first ", context.RequestAborted);
        await context.Response.Body.FlushAsync(context.RequestAborted);
        while (Seen.Of("go") == 0)
            await Task.Delay(20, context.RequestAborted);
        await context.Response.WriteAsync("second", context.RequestAborted);
    }

    /// <summary>Lets <see cref="Drip"/> continue.</summary>
    [Function("Go")]
    public static IActionResult Go([HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "go")] HttpRequest request)
    {
        Seen.Add("go");
        return new NoContentResult();
    }

    /// <summary>Waits until it is cancelled.</summary>
    [Function("Hang")]
    public static async Task<IActionResult> Hang([HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "hang")] HttpRequest request, CancellationToken cancellationToken)
    {
        Seen.Add("hanging");
        try
        {
            await Task.Delay(Timeout.Infinite, cancellationToken);
        }
        finally
        {
            Seen.Add("cancelled");
        }

        return new NoContentResult();
    }

    /// <summary>Works for a while and ignores cancellation.</summary>
    [Function("Work")]
    public static async Task<IActionResult> Work([HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "work/{milliseconds:int}")] HttpRequest request, int milliseconds)
    {
        Seen.Add("working");
        await Task.Delay(milliseconds, CancellationToken.None);
        return new ContentResult { Content = "worked" };
    }

    /// <summary>Ends the process at once.</summary>
    [Function("Crash")]
    public static IActionResult Crash([HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "crash")] HttpRequest request)
    {
        Process.GetCurrentProcess().Kill();
        return new NoContentResult();
    }

    /// <summary>Function that a setting disables.</summary>
    [Function("Off")]
    public static IActionResult Off([HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "off")] HttpRequest request) => new NoContentResult();

    /// <summary>Returns the value of a setting.</summary>
    [Function("Setting")]
    public static IActionResult Setting([HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "settings/{name}")] HttpRequest request, string name) =>
        new ContentResult { Content = Environment.GetEnvironmentVariable(name) };
}
