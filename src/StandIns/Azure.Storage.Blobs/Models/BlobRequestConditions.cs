namespace Azure.Storage.Blobs.Models;

/// <summary>Here only so that callers may leave it out.</summary>
public class BlobRequestConditions;
