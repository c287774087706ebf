using System.Net;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Azure.Functions.Worker;

namespace ServerlessLoki.StandIns.Tests.Functions;

public sealed class HttpTests
{
    [Fact]
    public async Task Route_PrefixMethodAndParameters_AreThoseOfTheTrigger()
    {
        await using var app = await HostedApp.StartAsync([nameof(Pages.Echo), nameof(Pages.Open)]);

        var answer = await app.Http.PostAsync("/api/echo/me", new StringContent("hello"));

        Assert.Equal("me: hello", await answer.Content.ReadAsStringAsync());
        Assert.Equal("written by hand", await app.Http.GetStringAsync("/api/Open"));
        Assert.Equal(HttpStatusCode.MethodNotAllowed, (await app.Http.GetAsync("/api/echo/me")).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await app.Http.GetAsync("/echo/me")).StatusCode);
    }

    [Fact]
    public async Task Route_EmptyPrefix_IsTheRoot()
    {
        await using var app = await HostedApp.StartAsync([nameof(Pages.Open)], settings: ["--AzureFunctionsJobHost:extensions:http:routePrefix="]);

        Assert.Equal("written by hand", await app.Http.GetStringAsync("/Open"));
    }

    [Fact]
    public async Task AuthLevel_WithAKey_IsAskedForAboveAnonymous()
    {
        await using var app = await HostedApp.StartAsync([nameof(Pages.Echo), nameof(Pages.Open)], settings: ["--FunctionsHost:Key=secret"]);

        Assert.Equal(HttpStatusCode.OK, (await app.Http.GetAsync("/api/Open")).StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, (await app.Http.PostAsync("/api/echo/me", null)).StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, (await app.Http.PostAsync("/api/echo/me?code=wrong", null)).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await app.Http.PostAsync("/api/echo/me?code=secret", null)).StatusCode);
        app.Http.DefaultRequestHeaders.Add("x-functions-key", "secret");
        Assert.Equal(HttpStatusCode.OK, (await app.Http.PostAsync("/api/echo/me", null)).StatusCode);
    }

    [Fact]
    public async Task Function_ThatThrows_IsAnErrorWithoutText()
    {
        await using var app = await HostedApp.StartAsync([nameof(Pages.Broken)]);

        var answer = await app.Http.GetAsync("/api/Broken");

        Assert.Equal(HttpStatusCode.InternalServerError, answer.StatusCode);
        Assert.Empty(await answer.Content.ReadAsStringAsync());
    }
}

/// <summary>HTTP functions.</summary>
public static class Pages
{
    [Function(nameof(Echo))]
    public static async Task<IActionResult> Echo(
        [HttpTrigger(AuthorizationLevel.Function, "post", Route = "echo/{name}")] HttpRequest request, string name, CancellationToken cancellationToken)
    {
        using var reader = new StreamReader(request.Body);
        return new ContentResult { Content = $"{name}: {await reader.ReadToEndAsync(cancellationToken)}" };
    }

    [Function(nameof(Open))]
    public static async Task<IActionResult> Open([HttpTrigger(AuthorizationLevel.Anonymous, "get")] HttpRequest request)
    {
        await request.HttpContext.Response.WriteAsync("written by hand");
        return new EmptyResult();
    }

    [Function(nameof(Broken))]
    public static Task<IActionResult> Broken([HttpTrigger(AuthorizationLevel.Anonymous, "get")] HttpRequest request) =>
        throw new InvalidOperationException(request.Path);
}
