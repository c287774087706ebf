using System;
using System.Globalization;
using System.Xml.Linq;

namespace Azure.Storage.Blobs.Models;

public class BlobItemProperties
{
    internal BlobItemProperties(XElement properties)
    {
        if (properties?.Element("Content-Length") is { } length)
            ContentLength = long.Parse(length.Value, CultureInfo.InvariantCulture);
        if (properties?.Element("Last-Modified") is { } modified)
            LastModified = DateTimeOffset.Parse(modified.Value, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal);
        if (properties?.Element("Etag") is { } tag)
            ETag = new ETag(tag.Value);
    }

    public long? ContentLength { get; }

    public DateTimeOffset? LastModified { get; }

    public ETag? ETag { get; }
}
