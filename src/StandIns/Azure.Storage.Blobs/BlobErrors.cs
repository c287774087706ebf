using System;
using System.Collections.Generic;
using System.Xml;
using System.Xml.Linq;
using Azure.Core;

namespace Azure.Storage.Blobs;

/// <summary>Reads the service's error: a code in a header, the same and a message in an XML body.</summary>
internal sealed class BlobErrors : RequestFailedDetailsParser
{
    public static BlobErrors Parser { get; } = new();

    public static string Code(Response response) => response.Headers.TryGetValue("x-ms-error-code", out var code) ? code : Body(response)?.Element("Code")?.Value;

    public override bool TryParse(Response response, out ResponseError error, out IDictionary<string, string> data)
    {
        data = null;
        var code = Code(response);
        error = code is null ? null : new ResponseError(code, Body(response)?.Element("Message")?.Value);
        return error is not null;
    }

    private static XElement Body(Response response)
    {
        if (response.ContentStream is not { Length: > 0 })
            return null;
        try
        {
            return XDocument.Load(response.Content.ToStream()).Root;
        }
        catch (XmlException)
        {
            return null;
        }
    }
}
