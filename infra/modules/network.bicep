// The private network: one subnet for each host, because each is delegated, and one for the private endpoints.
import { tagMap } from 'types.bicep'

@description('Region.')
param location string

@description('Tags.')
param tags tagMap

@description('Name of the virtual network.')
param name string

resource network 'Microsoft.Network/virtualNetworks@2025-05-01' = {
  name: name
  location: location
  tags: tags
  properties: {
    addressSpace: {
      addressPrefixes: ['10.20.0.0/16']
    }
    subnets: [
      {
        name: 'functions'
        properties: {
          addressPrefix: '10.20.0.0/24'
          delegations: [
            {
              name: 'functions'
              properties: {
                serviceName: 'Microsoft.App/environments'
              }
            }
          ]
        }
      }
      {
        name: 'workers'
        properties: {
          addressPrefix: '10.20.2.0/23'
          delegations: [
            {
              name: 'workers'
              properties: {
                serviceName: 'Microsoft.App/environments'
              }
            }
          ]
        }
      }
      {
        name: 'endpoints'
        properties: {
          addressPrefix: '10.20.1.0/26'
          privateEndpointNetworkPolicies: 'Disabled'
        }
      }
    ]
  }

  resource functionsSubnet 'subnets' existing = {
    name: 'functions'
  }

  resource workersSubnet 'subnets' existing = {
    name: 'workers'
  }
}

@description('Name of the virtual network.')
output name string = network.name

@description('Subnet of the Function app.')
output functionsSubnetId string = network::functionsSubnet.id

@description('Subnet of the workers.')
output workersSubnetId string = network::workersSubnet.id
