namespace Microsoft.Azure.Functions.Worker.Http;

/// <summary>Stands in signatures only: the product uses ASP.NET Core's request.</summary>
public abstract class HttpRequestData
{
    public abstract Uri Url { get; }
}
