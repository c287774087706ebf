// One account for host storage, packages, models, payloads and tables. No keys: Entra ID only.
import { tagMap } from 'types.bicep'

@description('Region.')
param location string

@description('Tags.')
param tags tagMap

@description('Name of the account.')
@minLength(3)
@maxLength(24)
param name string

@description('Closes the account to public addresses other than the one allowed.')
param closed bool

@description('Public IPv4 address that a closed account still lets in; empty lets none in.')
param allowedAddress string

var containers = {
  package: 'app-package'
  models: 'models'
  payload: 'payloads'
}

resource account 'Microsoft.Storage/storageAccounts@2025-08-01' = {
  name: name
  location: location
  tags: tags
  sku: {
    name: 'Standard_LRS'
  }
  kind: 'StorageV2'
  properties: {
    allowSharedKeyAccess: false
    defaultToOAuthAuthentication: true
    allowBlobPublicAccess: false
    allowCrossTenantReplication: false
    minimumTlsVersion: 'TLS1_2'
    supportsHttpsTrafficOnly: true
    publicNetworkAccess: closed && empty(allowedAddress) ? 'Disabled' : 'Enabled'
    networkAcls: {
      bypass: 'AzureServices'
      defaultAction: closed ? 'Deny' : 'Allow'
      ipRules: closed && !empty(allowedAddress) ? [{ value: allowedAddress, action: 'Allow' }] : []
    }
  }

  resource blobs 'blobServices' = {
    name: 'default'

    resource container 'containers' = [
      for item in items(containers): {
        name: item.value
        properties: {
          publicAccess: 'None'
        }
      }
    ]
  }

  resource lifecycle 'managementPolicies' = {
    name: 'default'
    properties: {
      policy: {
        rules: [
          {
            // The apps delete a payload when its run is over; this takes what a crash left.
            name: 'delete-old-payloads'
            enabled: true
            type: 'Lifecycle'
            definition: {
              filters: {
                blobTypes: ['blockBlob']
                prefixMatch: ['${containers.payload}/']
              }
              actions: {
                baseBlob: {
                  delete: {
                    daysAfterModificationGreaterThan: 7
                  }
                }
              }
            }
          }
        ]
      }
    }
  }
}

@description('Name of the account.')
output name string = account.name

@description('Container of the Function app\'s package.')
output packageContainer string = containers.package

@description('Container of models, pipeline files and profiles.')
output modelsContainer string = containers.models

@description('Container of payloads too large for a message.')
output payloadContainer string = containers.payload
