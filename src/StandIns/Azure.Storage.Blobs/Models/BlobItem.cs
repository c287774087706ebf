using System.Xml.Linq;

namespace Azure.Storage.Blobs.Models;

public class BlobItem
{
    internal BlobItem(XElement blob)
    {
        Name = blob.Element("Name")!.Value;
        Properties = new BlobItemProperties(blob.Element("Properties"));
    }

    public string Name { get; }

    public BlobItemProperties Properties { get; }
}
