using System;
using Azure.Core;

namespace Azure.Storage.Blobs;

public class BlobClientOptions : ClientOptions
{
    public BlobClientOptions(ServiceVersion version = ServiceVersion.V2026_06_06) => Version = version;

    /// <summary>The versions that this speaks; the package has them all.</summary>
    public enum ServiceVersion
    {
        V2025_05_05 = 26,
        V2025_07_05 = 27,
        V2025_11_05 = 28,
        V2026_02_06 = 29,
        V2026_04_06 = 30,
        V2026_06_06 = 31,
    }

    public ServiceVersion Version { get; }

    internal string VersionText => Version.ToString()[1..].Replace('_', '-');
}
